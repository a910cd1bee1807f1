"""`council sandbox`: run only the sandbox GitHub and model providers, for a server that you start yourself."""

import asyncio
import base64
import contextlib
import json
import shlex
import signal
import sys
from typing import Annotated

import typer

from app.sandbox.demo import build_demo
from app.sandbox.server import Sandbox


def sandbox(
    port: Annotated[int, typer.Option(help="the port; 0 picks a free one")] = 0,
    webhook_url: Annotated[str, typer.Option(help="where webhooks are delivered")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="open the demo pull request and script the answers of three models")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the addresses and the environment variables as JSON")] = False,
) -> None:
    """Serve a sandbox GitHub and model providers on loopback, and print the environment variables for a server."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(port, webhook_url, demo=demo, as_json=as_json))


async def _serve(port: int, webhook_url: str, *, demo: bool, as_json: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Sandbox.start(port, webhook_url=webhook_url) as running:
        opened = build_demo(running.world, running.providers) if demo else None
        pull = f"{running.web_url}/{opened.repository}/pull/{opened.number}" if opened else None
        sys.stdout.write(_as_json(running, webhook_url, pull) if as_json else _as_shell(running, pull))
        sys.stdout.flush()
        await stop.wait()


def _as_json(running: Sandbox, webhook_url: str, pull: str | None) -> str:
    addresses = {"url": running.web_url, "api_url": running.api_url, "webhook_url": webhook_url or None, "pull_request": pull}
    return json.dumps({**addresses, "environment": running.environment()}) + "\n"


def _as_shell(running: Sandbox, pull: str | None) -> str:
    lines = []
    for name, value in running.environment().items():
        text = base64.b64encode(value.encode()).decode() if "\n" in value else value
        lines.append(f"export {name}={shlex.quote(text)}\n")
    return "".join([*lines, *([f"# {pull}\n"] if pull else [])])
