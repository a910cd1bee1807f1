"""Reads to its end what is refused as too large, so that the refusal arrives: who still sends would meet a closed connection instead."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

# More than this, or slower, is cut off after all.
MOST_DISCARDED = 100 * 1024 * 1024
MOST_SECONDS = 10.0


async def discard_body(receive: Callable[[], Awaitable[MutableMapping[str, Any]]], *, expects_continue: bool) -> None:
    """Take the rest of a body in and keep none of it; a client that waits for "100 Continue" has sent nothing and is not asked to."""
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
