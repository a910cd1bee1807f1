"""Server-sent events that say "it moved": a page is then read again, so that nothing is told twice or unescaped."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import Request
from fastapi.responses import StreamingResponse

from app.errors import CouncilError
from app.web.errors import Hidden, NotAllowed, NotSignedIn

_STREAM_SECONDS, _LOOK_SECONDS = 600.0, 1.0
_RIGHTS_SECONDS = 60.0
# A state, calls begun and calls ended; and whether it is over.
Look = Callable[[], Awaitable[tuple[tuple[str, int, int], bool]]]
Sleep = Callable[[float], Awaitable[None]]
# Raises where the person may not look any more.
Check = Callable[[], Awaitable[object]]


def follow(request: Request, look: Look, check: Check, sleep: Sleep = asyncio.sleep) -> StreamingResponse:
    """Look once a second until it is over, nobody listens or ten minutes are gone; a browser then asks again by itself.

    Every minute `check` asks GitHub for the person's rights again; the stream ends where they are gone.
    """
    return StreamingResponse(_moves(request, look, check, sleep), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _moves(request: Request, look: Look, check: Check, sleep: Sleep) -> AsyncIterator[str]:
    last: tuple[str, int, int] | None = None
    yield "retry: 3000\n\n"
    for turn in range(int(_STREAM_SECONDS / _LOOK_SECONDS)):
        if turn and turn % int(_RIGHTS_SECONDS / _LOOK_SECONDS) == 0 and not await _may_still(check):
            return
        # A browser that goes away cancels this; a look that began ends by itself, and its connection goes back whole.
        pulse, over = await asyncio.shield(asyncio.ensure_future(look()))
        if last is not None and pulse != last:
            yield f"event: moved\ndata: {pulse[0]}\n\n"
        last = pulse
        if over:
            yield "event: over\ndata: \n\n"
            return
        if await request.is_disconnected():
            return
        await sleep(_LOOK_SECONDS)


async def _may_still(check: Check) -> bool:
    """False as well where GitHub cannot say: the browser asks again, and gets a whole answer."""
    try:
        await check()
    except (CouncilError, Hidden, NotAllowed, NotSignedIn):
        return False
    return True
