"""`council sandbox`: the sandbox GitHub and models alone, for a server of your own to live in."""

import asyncio
import base64
import contextlib
import shlex
import signal
import sys
from typing import Annotated

import typer

from app.sandbox.demo import build_demo
from app.sandbox.server import Sandbox


def sandbox(
    port: Annotated[int, typer.Option(help="0 picks a free one")] = 0,
    webhook_url: Annotated[str, typer.Option(help="where webhooks are delivered")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="open the demo pull request and script three models")] = False,
) -> None:
    """Serve a GitHub and model providers on loopback, and print the environment that points a server at them."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(port, webhook_url, demo=demo))


async def _serve(port: int, webhook_url: str, *, demo: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Sandbox.start(port, webhook_url=webhook_url) as running:
        for name, value in running.environment().items():
            text = base64.b64encode(value.encode()).decode() if "\n" in value else value
            sys.stdout.write(f"export {name}={shlex.quote(text)}\n")
        if demo:
            pull = build_demo(running.world, running.providers)
            sys.stdout.write(f"# {running.web_url}/{pull.repository}/pull/{pull.number}\n")
        sys.stdout.flush()
        await stop.wait()
