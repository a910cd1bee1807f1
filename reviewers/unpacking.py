"""Unpacks HTTP bodies piece by piece. Change here which content encodings are accepted, and how large a piece may be."""

import zlib
from collections.abc import Callable, Iterator

PIECE_BYTES = 65_536
Unpack = Callable[[bytes], Iterator[bytes]]


def open_pieces(encoding: str) -> Unpack:
    """A function that unpacks a body's parts in order, in pieces of at most 64 kB; raises ValueError for an unknown encoding.

    httpx unpacks a received part at once, and 1 MB of gzip may be 1 GB. Data that cannot be unpacked also raises ValueError.
    """
    if encoding in ("", "identity"):
        return lambda raw: iter((raw,))
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise ValueError(f"a body has the unknown encoding {encoding[:20]!r}")
    unzip = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(raw: bytes) -> Iterator[bytes]:
        try:
            while raw and not unzip.eof:
                if piece := unzip.decompress(raw, PIECE_BYTES):
                    yield piece
                raw = unzip.unconsumed_tail
        except zlib.error as error:
            raise ValueError("a body cannot be unpacked") from error

    return unpack
