"""Keeps the beginning and the end of a download. Change here how its middle is left out, and what is said there."""

import io

_LEFT_OUT = b"\n[the middle of the log was not read]\n"
# How much the tail may exceed its size before the excess is dropped: the fewer times, the fewer bytes are moved.
_EXCESS = 1_000_000


class DownloadEnds:
    """The first `head` and the last `tail` bytes of what is added, in one buffer: joined pieces would take twice the memory."""

    def __init__(self, head: int, tail: int) -> None:
        self._head, self._tail = head, tail
        self._kept = io.BytesIO()
        self._dropped = False
        self.total = 0

    def add(self, chunk: bytes) -> None:
        self.total += len(chunk)
        self._kept.write(chunk)
        if self._kept.tell() > self._head + len(_LEFT_OUT) + self._tail + _EXCESS:
            self._drop()

    def take(self) -> bytes:
        """The whole download if it fits, otherwise its two ends with a line between them that says so. Nothing may be added after that."""
        if self._kept.tell() > self._head + self._tail + (len(_LEFT_OUT) if self._dropped else 0):
            self._drop()
        kept, self._kept = self._kept, io.BytesIO()
        return kept.getvalue()

    def _drop(self) -> None:
        """Move the tail to its place behind the head."""
        size, begin = self._kept.tell(), self._head + len(_LEFT_OUT)
        # The line may take more room than what it replaces.
        self._kept.write(bytes(max(0, begin + self._tail - size)))
        with self._kept.getbuffer() as view:
            view[begin : begin + self._tail] = view[size - self._tail : size]
            view[self._head : begin] = _LEFT_OUT
        self._kept.seek(begin + self._tail)
        self._kept.truncate()
        self._dropped = True
