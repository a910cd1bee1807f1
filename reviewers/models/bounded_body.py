"""Bounds the bodies that model hosts send. Change here how large an answer may be on the wire, and in which packings."""

import zlib
from collections.abc import AsyncIterator, Callable, Iterator

import httpx

# Of the longest answers the JSON around a million characters.
MOST_BYTES = 8_000_000
_PIECE = 65_536
_ZLIB = ("gzip", "x-gzip", "deflate")
Unpack = Callable[[bytes], Iterator[bytes]]


def bound_bodies(client: httpx.AsyncClient, most: int = MOST_BYTES) -> None:
    """Have a client give up a body that is larger once unpacked, with httpx.DecodingError.

    httpx reads an answer to its end and unpacks a received piece at once: 1 MB of gzip may be 1 GB.
    """

    async def bound(response: httpx.Response) -> None:
        encoding = response.headers.pop("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", *_ZLIB):
            raise httpx.DecodingError(f"the answer is packed as {encoding[:20]!r}")
        if isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = _BoundedStream(response.stream, _zlib_pieces() if encoding in _ZLIB else _as_it_is, most)

    client.headers["accept-encoding"] = "gzip, deflate"
    client.event_hooks = {**client.event_hooks, "response": [*client.event_hooks.get("response", []), bound]}


class _BoundedStream(httpx.AsyncByteStream):
    """A body that is unpacked piece by piece and given up above its bound."""

    def __init__(self, packed: httpx.AsyncByteStream, unpack: Unpack, most: int) -> None:
        self._packed = packed
        self._unpack = unpack
        self._left = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for raw in self._packed:
            for piece in self._unpack(raw):
                self._left -= len(piece)
                if self._left < 0:
                    raise httpx.DecodingError("the answer is too large")
                yield piece

    async def aclose(self) -> None:
        await self._packed.aclose()


def _as_it_is(raw: bytes) -> Iterator[bytes]:
    yield raw


def _zlib_pieces() -> Unpack:
    unzip = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(raw: bytes) -> Iterator[bytes]:
        try:
            while raw and not unzip.eof:
                if piece := unzip.decompress(raw, _PIECE):
                    yield piece
                raw = unzip.unconsumed_tail
        except zlib.error as error:
            raise httpx.DecodingError("the answer cannot be unpacked") from error

    return unpack
