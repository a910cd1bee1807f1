"""Concurrent turns: results in order, and none is left behind when a run is stopped."""

import asyncio

import pytest

from reviewers.side_by_side import all_of


async def _after(seconds: float, result: str) -> str:
    await asyncio.sleep(seconds)
    return result


async def test_results_are_in_order() -> None:
    assert await all_of([_after(0.01, "first"), _after(0, "second")]) == ["first", "second"]


async def test_an_error_is_raised_unchanged() -> None:
    async def fail() -> str:
        raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        await all_of([fail(), _after(0, "x")])


async def test_a_stopped_run_waits_until_every_turn_has_ended() -> None:
    booked = asyncio.Event()
    asked = asyncio.Event()

    async def books() -> None:
        try:
            asked.set()
            await asyncio.Event().wait()
        finally:
            for _ in range(20):
                await asyncio.sleep(0)
            booked.set()

    async def ends_at_once() -> None:
        await asyncio.Event().wait()

    running = asyncio.ensure_future(all_of([ends_at_once(), books()]))
    await asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert booked.is_set()
