"""Masks random-looking values that are assigned to secret-sounding names in code, settings, headers and logs."""

import re
from itertools import pairwise

# The left side of an assignment: a name that sounds secret, with its closing quote or bracket.
_NAMED = re.compile(
    r"(?:secret|token|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key|auth[_-]?key|account[_-]?key|private[_-]?key|encryption[_-]?key"
    r"|master[_-]?key|signing[_-]?key|service[_-]?key|app[_-]?key|licen[sc]e[_-]?key|credential|[_-]key|salt|\bkey)"
    r"[A-Za-z0-9_]{0,20}(?:\\?[\"'`])?\]?(?:\s{0,4}:\s{0,4}[A-Za-z\[\]., ]{1,30})?\s{0,8}$",
    re.IGNORECASE,
)
_BEFORE = 80
# Council's own secrets, by the name of the environment variable.
_OURS = re.compile(r"(?:[A-Z]_API_KEY|WEBHOOK_SECRET(?:_OLD)?|MASTER_KEY)(?:\\?[\"'`])?\]?(?:\s{0,4}:\s{0,4}[A-Za-z]{1,10})?\s{0,8}$")
# No "=" inside, because a run of them must not be tried from each of its characters.
_VALUE = re.compile(
    r"(?P<name>(?::=|=>|[=:])\s{0,8}(?:[a-zA-Z]{0,2}\\?[\"'`])?)(?P<value>(?:[A-Za-z0-9+/_.~!@#$%^*-]|&(?![A-Za-z_]{1,30}=)){16,512}+={0,2})(?P<after>\\?[\"'`]|[\s,;&)}\]<]|$)",
    re.MULTILINE,
)
_HEADER = re.compile(
    r"(?P<name>(?:authorization|x-(?:api|auth)[a-z-]{0,40}+|private-token|cookie)[\"']?\s{0,4}[:=,]\s{0,4}[\"']?(?:(?:bearer|basic|token|apikey)\s{1,4})?|\b(?:Bearer|Basic)\s{1,4})"
    r"(?P<value>[A-Za-z0-9+/_=.~-]{16,600}+)",
    re.IGNORECASE,
)
_NETRC = re.compile(r"(?P<name>\bmachine\s{1,8}\S{1,100}\s{1,8}login\s{1,8}\S{1,100}\s{1,8}password\s{1,8})(?P<value>\S{6,200})")
_ARGUMENT = re.compile(
    r"(?P<name>--(?:password|passwd|token|api-?key|secret)[= ]\s{0,4}[\"']?)(?P<value>[A-Za-z0-9+/_=.~!@#$%^&*-]{12,512})"
)
_MARKS = ("secret", "token", "passw", "pwd", "key", "credential", "passphrase")
# A name, an attribute or a type, if no quotes mark it as text.
_CODE = re.compile(
    r"[A-Za-z_]\w{0,80}(?:\.[A-Za-z_]\w{0,80})+\Z|[A-Z][A-Za-z]+\d{0,4}\Z|[A-Z][A-Z\d]*_[A-Z\d_]+\Z|[a-z][a-z\d]*(?:_[a-z\d]+)+\Z"
)
_HEADERS = ("bearer ", "basic ", "authorization", "private-token", "cookie", "x-api", "x-auth")
_EXAMPLE = re.compile(r"example|sample|dummy|placeholder|your[_-]|xxxx|\.\.\.|changeme|<|\$\{|\{\{", re.IGNORECASE)
# Digests and object ids are public.
_DIGEST = re.compile(r"sha(?:1|256|384|512)[-:]")


def mask_assigned(text: str, mask: str) -> str:
    """The text with such values replaced."""
    low = text.lower()
    if any(mark in low for mark in _MARKS):
        text = _VALUE.sub(lambda found: f"{found['name']}{mask}{found['after']}" if _is_secret(found) else found[0], text)
        text = _ARGUMENT.sub(lambda found: _replaced(found, mask), text)
    if any(mark in low for mark in _HEADERS):
        text = _HEADER.sub(lambda found: _replaced(found, mask), text)
    if "password" in low and "machine" in low:
        text = _NETRC.sub(rf"\g<name>{mask}", text)
    return text


def _is_secret(found: re.Match[str]) -> bool:
    start, value = found.start(), found["value"]
    before = found.string[max(0, start - _BEFORE) : start]
    quoted = found["name"][-1:] in "\"'`"
    if _OURS.search(before) is not None and (_is_opaque(value) or is_random(value)):
        return True
    return _NAMED.search(before) is not None and (quoted or not _CODE.match(value)) and is_random(value, quoted=quoted)


def _is_opaque(value: str) -> bool:
    """Whether a value may be a key in no known format: one word of letters and digits, assigned to one of Council's own settings."""
    if len(value) < 20 or not value.replace("-", "").replace("_", "").isalnum() or _EXAMPLE.search(value):
        return False
    return any(map(str.isdigit, value)) or not (value.islower() or value.isupper() or "_" in value)


def _replaced(found: re.Match[str], mask: str) -> str:
    return f"{found['name']}{mask}" if is_random(found["value"]) else found[0]


def is_random(value: str, *, quoted: bool = True) -> bool:
    """Whether a value looks random rather than written by a person: it often switches between kinds of characters and has no words."""
    bare = value.rstrip("=")
    if len(bare) < 16 or len(set(bare)) < 9 or _EXAMPLE.search(value) or _DIGEST.match(value):
        return False
    digits, letters = sum(char.isdigit() for char in bare), sum(char.isalpha() for char in bare)
    changes = sum(_sort(first) != _sort(second) for first, second in pairwise(bare)) / len(bare)
    if digits >= 2:
        return letters >= 2 and changes >= 0.2 and _share_of_words(bare) <= 0.7
    # Without digits, only values that cannot be a name in code.
    return (bare.isalnum() or quoted) and changes >= 0.3 and _share_of_words(bare) <= 0.4


def _sort(char: str) -> int:
    return 0 if char.isdigit() else 1 if char.islower() else 2 if char.isupper() else 3


def _share_of_words(value: str) -> float:
    """The share of the value that looks like human words: runs of letters of one case with a vowel."""
    words = re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}", value)
    wordy = sum(len(word) for word in words if re.search(r"[aeiouyAEIOUY]", word) and not re.search(r"[^aeiouyAEIOUY]{5}", word))
    return wordy / len(value)
