"""The state of a pull request in Council's own comment: limited in size, versioned, signed, and hidden from readers.

A block is accepted only if it was signed with the key of this repository's workflow for this very pull request. Everybody with write
access, and every other workflow, can edit the comment. A block with a wrong signature is ignored.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import zlib
from dataclasses import dataclass

from app.store.reviews.portable_state import PullRequestKey, State, shrink

VERSION = 1
# A comment holds 65,536 characters; the review itself comes first.
MOST_CHARACTERS = 30_000
_COMMENT_CHARACTERS = 65_536
_MOST_BYTES = 8_000_000
_BLOCK = re.compile(r"(?<!\n)\n*+<!-- council:state (\d{1,4}) ([0-9a-f]{64}) ([A-Za-z0-9+/=]{0,65536}) -->")


@dataclass(frozen=True)
class StateKey:
    """The secret of the input `state-key`, bound to one pull request. "" without one."""

    secret: str
    place: PullRequestKey

    def __repr__(self) -> str:
        return f"StateKey({self.place!r})"

    def sign(self, version: int, packed: bytes) -> str:
        """The HMAC of a packed state, 64 hexadecimal digits."""
        head = f"council state {version}\n{self.place.repository_id}\n{self.place.number}\n"
        return hmac.new(self.secret.encode(), head.encode() + packed, hashlib.sha256).hexdigest()


def write_block(state: State, key: StateKey, body: str) -> str:
    """The block for a comment with this body: the largest form of the state that fits. "" without a key, or if none fits."""
    room = min(MOST_CHARACTERS, _COMMENT_CHARACTERS - len(body) - 200)
    if not key.secret or not state:
        return ""
    for form in shrink(state):
        packed = zlib.compress(json.dumps(form, separators=(",", ":")).encode(), 9)
        text = base64.b64encode(packed).decode()
        if len(text) <= room:
            return f"<!-- council:state {VERSION} {key.sign(VERSION, packed)} {text} -->"
    return ""


def read_block(body: str, key: StateKey) -> State | None:
    """The state in a comment. None if there is none, it has another version, or its signature is wrong."""
    blocks = _BLOCK.findall(body)
    if not key.secret or not blocks:
        return None
    # The last one counts: a model may have written another.
    version, signature, text = blocks[-1]
    try:
        packed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if int(version) != VERSION or not hmac.compare_digest(key.sign(int(version), packed), signature):
        return None
    opener = zlib.decompressobj()
    try:
        data = opener.decompress(packed, _MOST_BYTES)
        state = json.loads(data)
    except (zlib.error, ValueError):
        return None
    return state if isinstance(state, dict) and not opener.unconsumed_tail else None


def has_block(body: str) -> bool:
    """Whether a comment contains a block, of anybody."""
    return _BLOCK.search(body) is not None


def find_block(body: str) -> str:
    """The last block of a comment, unchanged, or ""."""
    blocks = list(_BLOCK.finditer(body))
    return blocks[-1][0].strip() if blocks else ""


def without_block(body: str) -> str:
    """The comment without its blocks."""
    return _BLOCK.sub("", body)


def with_block(body: str, block: str) -> str:
    """The comment with this block and no other. Without it if GitHub would not accept that length."""
    bare = without_block(body)
    whole = f"{bare}\n{block}" if block else bare
    return whole if len(whole) <= _COMMENT_CHARACTERS else bare
