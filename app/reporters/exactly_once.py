"""Creates one thing on GitHub once, though the answer of a write may be lost."""

from collections.abc import Awaitable, Callable, Sequence

from app.errors import Unavailable
from app.github.writes import Remote

ATTEMPTS = 3

Find = Callable[[], Awaitable[Sequence[Remote]]]
Create = Callable[[], Awaitable[Remote]]
Remove = Callable[[Remote], Awaitable[None]]


async def create_once(find: Find, create: Create, remove: Remove | None, fresh: bool) -> Remote:
    """What `find` finds of ours, else what `create` makes.

    `fresh`: nothing can be there yet. A write that got no answer may have been applied: it is looked for before it is repeated, and
    because a list may lag behind a write, whatever came twice is removed at the end.
    """
    doubtful = not fresh
    for attempt in range(ATTEMPTS):
        if doubtful and (found := await find()):
            return await _only(found, remove)
        try:
            made = await create()
        except Unavailable:
            doubtful = True
            if attempt == ATTEMPTS - 1:
                raise
            continue
        found = await find() if attempt else ()
        return await _only(found, remove) if made.id in {one.id for one in found} else made
    raise AssertionError("unreachable")


async def _only(found: Sequence[Remote], remove: Remove | None) -> Remote:
    first, *others = sorted(found, key=lambda one: one.id)
    for other in others:
        if remove is not None:
            await remove(other)
    return first
