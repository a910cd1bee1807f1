"""Runs turns concurrently and leaves none behind: change here what happens when a run is stopped in the middle of a round."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def all_of(turns: Iterable[Coroutine[Any, Any, _Result]]) -> list[_Result]:
    """The results in order. A cancelled run waits until every turn has ended, because calls in flight book their cost.

    asyncio.gather would return when the first of the cancelled turns has ended, and the others would lose the store while they use it.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(turn) for turn in turns]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
