"""Change here how a text or a pattern is searched. The only door to RE2, which takes linear time for any pattern."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol

LONGEST_PATTERN, _MEMORY = 500, 8_000_000
SHORTEST_RUN = 3
_META = frozenset("\\.^$|?*+()[]{}")


class PatternError(ValueError):
    """A pattern that RE2 refuses; the text says why."""


class SearchPattern(NamedTuple):
    """A compiled search, and the literal texts that every match contains, in lower case, which preselect the files.

    `plain` is the literal text of a one-line search, b"" for a pattern.
    """

    regex: "CompiledPattern"
    literals: tuple[str, ...]
    plain: bytes = b""

    def starts(self, raw: bytes) -> Iterator[int]:
        """Where matches begin in the contents of a file; for a plain text, only the first match in each line."""
        if not self.plain:
            yield from (match.start() for match in self.regex.finditer(raw))
            return
        # RE2 costs some microseconds per match that it passes to Python, and a common word has thousands.
        at = raw.find(self.plain)
        while at >= 0:
            yield at
            end = raw.find(b"\n", at)
            at = raw.find(self.plain, end) if end >= 0 else -1


class CompiledPattern(Protocol):
    """The part of a compiled RE2 pattern's interface that is used here."""

    def finditer(self, text: bytes) -> Iterator["PatternMatch"]: ...


class PatternMatch(Protocol):
    """Where a pattern matched."""

    def start(self) -> int: ...


@lru_cache(maxsize=64)
def compile_search(text: str, *, pattern: bool) -> SearchPattern:
    """A search for a literal text or for an RE2 pattern, line by line; raises PatternError if RE2 refuses it."""
    import re2

    if len(text) > LONGEST_PATTERN:
        raise PatternError(f"a search has at most {LONGEST_PATTERN} characters")
    options = re2.Options()
    options.max_mem, options.log_errors, options.never_nl, options.one_line = _MEMORY, False, False, False
    options.literal = not pattern
    try:
        # "^" and "$" match at line ends, and "." matches no line end.
        compiled = re2.compile(f"(?m){text}" if pattern else text, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        raise PatternError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None
    literals = _literals(text) if pattern else tuple(line.lower() for line in text.split("\n") if line)
    return SearchPattern(compiled, literals, b"" if pattern or "\n" in text else text.encode())


def _literals(pattern: str) -> tuple[str, ...]:
    """Runs of at least three characters that each match must contain; none if the pattern has alternatives or is not understood."""
    if "|" in pattern or "\\Q" in pattern or "\n" in pattern:
        return ()
    runs: list[str] = []
    run, depth, at = "", 0, 0
    while at < len(pattern):
        char, size = pattern[at], 1
        literal = ""
        if char == "\\" and at + 1 < len(pattern):
            size = 2
            literal = pattern[at + 1] if not pattern[at + 1].isalnum() else ""
            if pattern[at + 1] in "xpP0123456789":
                return tuple(runs)
        elif char == "[":
            size = _class_end(pattern, at) - at
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char not in _META:
            literal = char
        following = pattern[at + size : at + size + 1]
        if literal and depth == 0 and following not in ("?", "*", "{"):
            run += literal
            if following == "+":
                runs, run = [*runs, run], ""
        else:
            runs, run = [*runs, run], ""
        at += size
        if pattern[at : at + 1] == "{":
            at = pattern.find("}", at) + 1 or len(pattern)
    return tuple(each.lower() for each in [*runs, run] if len(each) >= SHORTEST_RUN)


def _class_end(pattern: str, at: int) -> int:
    """The index after a bracket class; a bracket right after its beginning belongs to it."""
    found = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL).match(pattern, at)
    return found.end() if found else len(pattern)
