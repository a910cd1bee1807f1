"""Server-sent events that say "it moved": a page is then read again, so that nothing is told twice or unescaped."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import Request
from fastapi.responses import StreamingResponse

_STREAM_SECONDS, _LOOK_SECONDS = 600.0, 1.0
# A state, calls begun and calls ended; and whether it is over.
Look = Callable[[], Awaitable[tuple[tuple[str, int, int], bool]]]


def follow(request: Request, look: Look) -> StreamingResponse:
    """Look once a second until it is over, nobody listens or ten minutes are gone; a browser then asks again by itself."""
    return StreamingResponse(_moves(request, look), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _moves(request: Request, look: Look) -> AsyncIterator[str]:
    last: tuple[str, int, int] | None = None
    yield "retry: 3000\n\n"
    for _ in range(int(_STREAM_SECONDS / _LOOK_SECONDS)):
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
        await asyncio.sleep(_LOOK_SECONDS)
