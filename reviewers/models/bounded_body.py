"""Bounds the bodies that model hosts send. Change here how large an answer may be on the wire."""

from collections.abc import AsyncIterator

import httpx

from reviewers.unpacking import Unpack, open_pieces

# A million characters of an answer are read, of up to four bytes each. A body is in memory several times while it is parsed.
MOST_BYTES = 4_000_000


def bound_bodies(client: httpx.AsyncClient, most: int = MOST_BYTES) -> None:
    """Make a client reject a body that is too large once unpacked, or packed in an unknown way, with httpx.DecodingError."""

    async def bound(response: httpx.Response) -> None:
        encoding = response.headers.pop("content-encoding", "").strip().lower()
        try:
            unpack = open_pieces(encoding)
        except ValueError as error:
            raise httpx.DecodingError(str(error)) from None
        if isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = _BoundedStream(response.stream, unpack, most)

    client.headers["accept-encoding"] = "gzip, deflate"
    client.event_hooks = {**client.event_hooks, "response": [*client.event_hooks.get("response", []), bound]}


class _BoundedStream(httpx.AsyncByteStream):
    """A body that is unpacked piece by piece and rejected above its bound."""

    def __init__(self, packed: httpx.AsyncByteStream, unpack: Unpack, most: int) -> None:
        self._packed = packed
        self._unpack = unpack
        self._left = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for raw in self._packed:
                for piece in self._unpack(raw):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise httpx.DecodingError("the answer is too large")
                    yield piece
        except ValueError as error:
            raise httpx.DecodingError(str(error)) from error

    async def aclose(self) -> None:
        await self._packed.aclose()
