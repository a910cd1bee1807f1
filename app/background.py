"""Ends a background task. Change here how long one may take to notice that it is cancelled."""

import asyncio
from typing import Any

_PATIENCE_SECONDS = 5.0


async def end_task(task: "asyncio.Task[Any]", patience: float = _PATIENCE_SECONDS) -> None:
    """Cancel a task until it has ended, once per `patience` seconds. Raises the task's error, unless that is the cancellation.

    One cancellation is not enough for a loop that continues after errors: if a connection breaks at the same moment, redis-py raises its
    own error instead of the cancellation.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=patience)
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error
