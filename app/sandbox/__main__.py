"""`python -m app.sandbox`: serve a sandbox, print the environment of a server that lives in it, end on Ctrl-C."""

import argparse
import asyncio
import base64
import contextlib
import shlex
import signal
import sys

from app.sandbox.demo import MEMBERS, build_demo
from app.sandbox.server import Sandbox


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m app.sandbox", description="A GitHub and model providers on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--webhook-url", default="", help="where webhooks are delivered")
    parser.add_argument("--demo", action="store_true", help="build the demo pull request and script three models")
    chosen = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(chosen.port, chosen.webhook_url, chosen.demo))


async def _serve(port: int, webhook_url: str, demo: bool) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with Sandbox.start(port, webhook_url=webhook_url) as sandbox:
        for name, value in sandbox.environment().items():
            text = base64.b64encode(value.encode()).decode() if "\n" in value else value
            sys.stdout.write(f"export {name}={shlex.quote(text)}\n")
        if demo:
            pull = build_demo(sandbox.world, sandbox.providers, MEMBERS)
            sys.stdout.write(f"# {sandbox.web_url}/{pull.repository}/pull/{pull.number}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    main()
