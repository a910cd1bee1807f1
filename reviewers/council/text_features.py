"""Extracts the content words of a finding, and the code names among them."""

import re

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_A-Za-z]+")
_CODE = re.compile(r"\w+_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*|\w+\(\)|\w+(?:\.|::)\w+(?:(?:\.|::)\w+)*|@\w+")
# No code name is longer, and searching one from each of its characters takes quadratic time.
_ENDLESS = re.compile(r"(?<!\w)\w{120,}+")
_QUOTED = re.compile(r"`([^`\n]+)`")
_NAME = re.compile(r"\w{3,}")
_PARTS = re.compile(r"[.:]+")
_NOT_A_WORD = re.compile(r"\W+")
_LONGEST = 4_000
_CODE_SPAN = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
# For findings at one place, the first words of prose separate issues best: on judged comments, 25 to 60 words do about as well.
_PROSE_WORDS = 40
_LEAST_PROSE = 4
_COMMON = (
    "a an and are as at be been because but by can could do does for from has have if in into is it its may might must no not of on only "
    "or should so than that the then there this to used uses using when which while will with without would "
    "code function line method value"
)
_STOP = frozenset(_COMMON.split())
_ENDINGS = ("ing", "ied", "ies", "ed", "es", "s")


def content_words(text: str) -> list[str]:
    """Content words in order, in lower case and without endings; camelCase and snake_case are split into their parts."""
    found = (word.lower() for word in _WORD.findall(text[:_LONGEST]))
    return [_stem(word) for word in found if word not in _STOP]


def code_names(text: str) -> set[str]:
    """Code names, whole and in their dotted parts: what looks like an identifier, and words of three letters in backticks."""
    text = _ENDLESS.sub(" ", text[:_LONGEST])
    found: set[str] = set()
    for match in _CODE.findall(text):
        whole = match.rstrip("()").lower()
        found.add(whole)
        found.update(part for part in _PARTS.split(whole) if len(part) > 2)
    for quoted in _QUOTED.findall(text):
        found.update(_NAME.findall(quoted.lower()))
    return found


def prose_words(text: str) -> str:
    """The first words without any quoted code; the unchanged text if it is almost only code."""
    found = _CODE_SPAN.sub(" ", text[:_LONGEST]).split()
    return " ".join(found[:_PROSE_WORDS]) if len(found) >= _LEAST_PROSE else text


def normalized_letters(text: str) -> bytes:
    """The text in lower case, with one space for each run of other characters, as UTF-8."""
    return f" {_NOT_A_WORD.sub(' ', text[:_LONGEST].lower()).strip()} ".encode(errors="replace")


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
