"""Runs a command's coroutine to its end; SIGTERM ends it as Ctrl-C does, so that what it started is ended with it."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


def run_to_end(main: Coroutine[None, None, T]) -> T:
    """What `main` returns; exits 128 + the signal's number when SIGTERM or SIGHUP ended it."""
    received: list[signal.Signals] = []

    async def watched() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop(number: signal.Signals) -> None:
            # Once: a second signal must not end what ends the children.
            if not received and task is not None:
                task.cancel()
            received.append(number)

        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop, number)
        return await main

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        if received:
            sys.exit(128 + received[0])
        raise
