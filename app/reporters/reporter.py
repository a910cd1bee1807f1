"""The protocol of a surface. `publish` must be idempotent: publishing twice leaves one copy."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from app.errors import Unavailable
from app.github.publisher import PostedObject, PullRequestPublisher
from app.reporters.review_to_publish import Outbox, ReviewToPublish
from app.store.reviews.outbox import READ_LAG_SECONDS, OutboxEntry


@dataclass(frozen=True)
class Publication:
    """The result of publishing one surface; `inline` are the fingerprints now posted in the diff."""

    surface: str
    url: str = ""
    reason: str = ""
    inline: frozenset[str] = frozenset()


Turn = Callable[[], Awaitable[None]]


async def at_once() -> None:
    """The turn of a surface that does not wait for others."""


class Reporter(Protocol):
    """One surface."""

    surface: str

    async def publish(self, edition: ReviewToPublish, writes: PullRequestPublisher, outbox: Outbox, turn: Turn = at_once) -> Publication:
        """Update the surface to match the edition.

        `turn` returns once the surfaces before this one are posted. Await it before anything visible is written.
        """
        ...


async def write_once(
    entry: OutboxEntry, find: Callable[[], Awaitable[PostedObject | None]], write: Callable[[], Awaitable[PostedObject]]
) -> PostedObject:
    """Write once. If an earlier attempt may have written, look first; the next attempt looks for a write whose response was lost."""
    if not entry.fresh:
        # The previous holder of the lease may have a write in flight.
        await asyncio.sleep(entry.wait)
        if (found := await find()) is not None:
            return found
    try:
        return await write()
    except Unavailable as error:
        raise Unavailable(str(error), retry_after=max(READ_LAG_SECONDS, error.retry_after or 0.0)) from error
