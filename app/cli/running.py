"""Run a command's coroutine. SIGTERM cancels it as Ctrl-C does, so that it can stop the processes it started."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


def run_to_end(main: Coroutine[None, None, T]) -> T:
    """The result of `main`. Exits with 128 + the signal's number if SIGTERM or SIGHUP ended it."""
    received: list[signal.Signals] = []

    async def watched() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop(number: signal.Signals) -> None:
            # Cancel once: a second signal must not interrupt the clean-up of child processes.
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
