"""Decodes files that git and GitHub treat as binary but that are text: UTF-16 and UTF-32, as Windows tools write them."""

import codecs
import contextlib
import re

from reviewers.context.patches import rebuild
from reviewers.context.snapshot import ChangedFile, FileStatus

# Control characters that text files do not contain; a font or an icon read as UTF-16 is full of them.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
UNSEEN = "UTF-16, and not both sides of it could be read"
# Binary by its name; a request to GitHub for its bytes would be wasted.
_BINARY_NAMES = re.compile(
    r"\.(?:7z|a|avi|avif|bin|bmp|br|bz2|class|dll|doc|docx|dylib|eot|exe|gif|gz|ico|jar|jpe?g|lib|mov|mp[34]|o|obj|ogg|otf|pdb|pdf|png|ppt|"
    r"pptx|pyc|so|tar|tgz|tiff?|ttf|wasm|wav|webm|webp|whl|woff2?|xls|xlsx|xz|zip|zst)$",
    re.IGNORECASE,
)


def decode(data: bytes) -> str | None:
    """The text of a file in UTF-8, or in the UTF-16 or UTF-32 that its first bytes show; None if it is not text.

    Without a byte order mark, the first character decides, which is ASCII in nearly every file:
    https://yaml.org/spec/1.2.2/#52-character-encodings
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _text(data.removeprefix(mark), encoding)
    for zeros, encoding in _ZEROS:
        if len(data) >= len(zeros) and all((byte == 0) == zero for byte, zero in zip(data, zeros, strict=False)):
            with contextlib.suppress(UnicodeDecodeError):
                return data.decode(encoding)
    return _text(data, "utf-8")


# The byte order mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ZEROS = (
    ((False, True, True, True), "utf-32-le"),
    ((True, True, True, False), "utf-32-be"),
    ((False, True), "utf-16-le"),
    ((True, False), "utf-16-be"),
)


def _text(data: bytes, encoding: str) -> str | None:
    text = data.decode(encoding, "replace")
    return None if "\0" in text else text


def may_be_text(path: str) -> bool:
    """Whether a file without a diff may be text, so that its bytes are worth a request."""
    return not _BINARY_NAMES.search(path)


def is_plain(text: str) -> bool:
    """Whether decoded bytes are text that a person could have written."""
    return not _CONTROLS.search(text)


def read_text(data: bytes) -> str | None:
    """The text of bytes that contain NULs, None if they are not text."""
    text = decode(data)
    return text if text is not None and is_plain(text) else None


def with_rebuilt_patch(file: ChangedFile, base: str | None, head: str | None) -> ChangedFile:
    """The file with the diff of its two decoded texts; None is a side that does not exist.

    GitHub shows no diff of such a file, so its lines take no comments.
    """
    patch = rebuild(base or "", head or "")
    rows = (patch or "").split("\n")
    changes = {
        "base": None if file.status is FileStatus.ADDED else base,
        "head": None if file.status is FileStatus.REMOVED else head,
        "patch": patch or None,
        "unseen": "" if patch else "moved without changes" if base == head else "too large to compare",
        "additions": sum(row.startswith("+") for row in rows),
        "deletions": sum(row.startswith("-") for row in rows),
        "takes_comments": False,
    }
    return file.model_copy(update=changes)
