"""Change here which encodings a log may have: Windows tools write UTF-16, with or without a byte order mark, for all or parts of it."""

import codecs

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 8_192
# A tenth of the bytes, because Chinese and Japanese text also has spaces, digits, punctuation and line ends.
_SHARE = 0.1


def as_utf8(log: bytes) -> bytes:
    """The log in UTF-8, with the same lines; a UTF-16 part within another log loses the NULs of its ASCII."""
    for mark, encoding in _MARKS:
        if log.startswith(mark):
            return _recoded(log[len(mark) :], encoding)
    sample = log[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even + odd >= _SHARE * len(sample) > 0 and min(even, odd) * 10 < max(even, odd):
        return _recoded(log, "utf-16-le" if odd > even else "utf-16-be")
    return log.translate(None, b"\0") if b"\0" in log else log


def _recoded(log: bytes, encoding: str) -> bytes:
    return log.decode(encoding, "replace").encode("utf-8", "replace")
