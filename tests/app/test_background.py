"""A background task ends, however it handles a cancellation."""

import asyncio

import pytest

from app.background import end_task


async def test_a_loop_that_survives_a_cancellation_is_cancelled_again() -> None:
    tries: list[int] = []

    async def work() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                tries.append(1)
                if len(tries) == 3:
                    raise

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end_task(task, patience=0)
    assert task.cancelled() and len(tries) == 3


async def test_the_error_of_a_task_is_raised() -> None:
    async def work() -> None:
        raise ValueError("a fault of ours")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="a fault of ours"):
        await end_task(task)
