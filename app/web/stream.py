"""Server-sent events that tell a page to reload itself. They carry no content, so all content comes escaped from the page."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import Request
from fastapi.responses import StreamingResponse

from app.errors import CouncilError
from app.web.errors import Hidden, NotAllowed, NotSignedIn

_STREAM_SECONDS, _LOOK_SECONDS = 600.0, 1.0
_RIGHTS_SECONDS = 60.0
# A state, the number of started and ended calls, and whether it is over.
Look = Callable[[], Awaitable[tuple[tuple[str, int, int], bool]]]
Sleep = Callable[[float], Awaitable[None]]
# Raises if the person can no longer see the page.
Check = Callable[[], Awaitable[object]]


def follow(request: Request, look: Look, check: Check, sleep: Sleep = asyncio.sleep) -> StreamingResponse:
    """Look once per second until it is over, the browser disconnects or ten minutes pass; browsers then reconnect.

    Every minute, `check` verifies the person's rights with GitHub; without them, the stream ends.
    """
    return StreamingResponse(_moves(request, look, check, sleep), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _moves(request: Request, look: Look, check: Check, sleep: Sleep) -> AsyncIterator[str]:
    last: tuple[str, int, int] | None = None
    yield "retry: 3000\n\n"
    for turn in range(int(_STREAM_SECONDS / _LOOK_SECONDS)):
        if turn and turn % int(_RIGHTS_SECONDS / _LOOK_SECONDS) == 0 and not await _may_still(check):
            return
        # A disconnect cancels this. The shield lets a running look end, so that its database connection is returned intact.
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
    """Also False if GitHub does not answer; the browser then reconnects and gets a full response."""
    try:
        await check()
    except (CouncilError, Hidden, NotAllowed, NotSignedIn):
        return False
    return True
