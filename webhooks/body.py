"""Reads the body of a delivery. Change here how large and how slow a body may be, and how many large ones are read concurrently."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from webhooks.delivery import MAX_BODY

# A larger or slower rest is cut off after all.
MOST_DISCARDED = 100 * 1024 * 1024
MOST_SECONDS = 10.0


class TooLarge(Exception):
    """The body exceeds GitHub's own limit of 25 MB."""


class TooSlow(Exception):
    """The body did not arrive within the seconds that GitHub itself waits for an answer."""


@dataclass(frozen=True)
class BodyLimits:
    """The maximum bytes of a body, the bytes from which it counts as large, how many large ones are in memory at once, and its seconds."""

    bytes: int = MAX_BODY
    large: int = 1024 * 1024
    at_once: int = 2
    # https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#respond-within-10-seconds
    seconds: float = 10.0


class BodyReader:
    """Reads bodies. A sender of many large ones at once, signed or not, waits without using memory."""

    def __init__(self, limits: BodyLimits) -> None:
        self._limits = limits
        self._turns = asyncio.Semaphore(limits.at_once)

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """The raw body, for as long as the block lasts; raises TooLarge, whatever Content-Length says, and TooSlow."""
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._limits.bytes:
            raise TooLarge
        async with AsyncExitStack() as turn:
            try:
                async with asyncio.timeout(self._limits.seconds):
                    body = await self._collect(request, turn)
            except TimeoutError:
                raise TooSlow from None
            yield body

    async def _collect(self, request: Request, turn: AsyncExitStack) -> bytes:
        chunks, size, is_large = [], 0, False
        async for chunk in request.stream():
            size += len(chunk)
            if size > self._limits.bytes:
                raise TooLarge
            if size > self._limits.large and not is_large:
                is_large = True
                await turn.enter_async_context(self._turns)
            chunks.append(chunk)
        return b"".join(chunks)


async def discard_body(receive: Callable[[], Awaitable[MutableMapping[str, Any]]], *, expects_continue: bool) -> None:
    """Receive the rest of a body and drop it; a client that waits for "100 Continue" has sent nothing and gets no such answer."""
    if expects_continue:
        return
    left = MOST_DISCARDED
    with suppress(TimeoutError):
        async with asyncio.timeout(MOST_SECONDS):
            while left > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
                left -= len(message.get("body", b""))
