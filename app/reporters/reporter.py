"""What a surface is: it publishes an edition, and publishing twice is there once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from app.errors import Unavailable
from app.github.writes import Remote, Writes
from app.reporters.edition import Edition, Outbox
from app.store.outbox import Entry

# GitHub shows a write to later reads within seconds; looking sooner could miss it and write again.
LAG_SECONDS = 6.0


@dataclass(frozen=True)
class Publication:
    """What became of a surface; `inline` are the fingerprints that now stand in the diff."""

    surface: str
    url: str = ""
    reason: str = ""
    inline: frozenset[str] = frozenset()


Turn = Callable[[], Awaitable[None]]


async def at_once() -> None:
    """The turn of a surface that waits for no other."""


class Reporter(Protocol):
    """One surface."""

    surface: str

    async def publish(self, edition: Edition, writes: Writes, outbox: Outbox, turn: Turn = at_once) -> Publication:
        """Bring the surface up to date with the edition.

        `turn` returns when the surfaces before this one are there; it is awaited before anything is written that people see.
        """
        ...


async def once(entry: Entry, find: Callable[[], Awaitable[Remote | None]], write: Callable[[], Awaitable[Remote]]) -> Remote:
    """Write, unless an earlier attempt may have: then look first. A write whose answer was lost is looked for at the next attempt."""
    if not entry.fresh and entry.age < LAG_SECONDS:
        # A holder that lost its lease just now may have a write on its way.
        await asyncio.sleep(LAG_SECONDS - entry.age)
    if not entry.fresh and (found := await find()) is not None:
        return found
    try:
        return await write()
    except Unavailable as error:
        raise Unavailable(str(error), retry_after=max(LAG_SECONDS, error.retry_after or 0.0)) from error
