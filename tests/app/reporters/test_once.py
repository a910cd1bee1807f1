"""Effects are written once: an attempt looks first, and the next attempt looks for a write whose response was lost."""

import time

import pytest

from app.errors import Unavailable
from app.github.publisher import PostedObject
from app.reporters.reporter import OutboxEntry, write_once
from app.store.reviews.outbox import READ_LAG_SECONDS

THERE = PostedObject(id=7)


class Github:
    """A fake surface that records lookups and writes."""

    def __init__(self, there: PostedObject | None = None, error: Exception | None = None) -> None:
        self.there = there
        self.error = error
        self.calls: list[str] = []

    async def find(self) -> PostedObject | None:
        self.calls.append("find")
        return self.there

    async def write(self) -> PostedObject:
        self.calls.append("write")
        if self.error is not None:
            raise self.error
        return PostedObject(id=8)


async def test_what_is_there_is_not_written_again() -> None:
    github = Github(THERE)
    entry = OutboxEntry("summary", "marker", fresh=False)
    assert await write_once(entry, github.find, github.write) is THERE
    assert github.calls == ["find"]


async def test_what_is_new_is_not_looked_for() -> None:
    github = Github(THERE)
    assert (await write_once(OutboxEntry("summary", "marker", fresh=True), github.find, github.write)).id == 8
    assert github.calls == ["write"]


@pytest.mark.parametrize("wait", [0.05, 0.0])
async def test_a_write_that_is_on_its_way_is_waited_for(wait: float) -> None:
    github, started = Github(), time.monotonic()
    await write_once(OutboxEntry("summary", "marker", fresh=False, wait=wait), github.find, github.write)
    assert github.calls == ["find", "write"]
    assert (time.monotonic() - started >= 0.04) is (wait > 0)


@pytest.mark.parametrize(("told", "retry_after"), [(None, READ_LAG_SECONDS), (1.0, READ_LAG_SECONDS), (99.0, 99.0)])
async def test_a_lost_answer_is_looked_for_when_it_can_be_seen(told: float | None, retry_after: float) -> None:
    github = Github(error=Unavailable("502", retry_after=told))
    with pytest.raises(Unavailable) as lost:
        await write_once(OutboxEntry("summary", "marker", fresh=True), github.find, github.write)
    assert lost.value.retry_after == retry_after
