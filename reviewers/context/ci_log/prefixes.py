"""Change here which prefixes a wrapper may put before each line: timestamps, names, brackets, bars. They are learned from nearby lines."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

_DEEPEST = 6
_LEVELED = 0.85
# More names than this are things that the tool works on, not services that log.
_MOST_NAMES = 8
_LEAST_ROWS = 8
_NUMBER = re.compile(r"\d+")


class Segment(NamedTuple):
    """One form of prefix. If the pattern has a group, the group holds a name, and few names must account for nearly all lines.

    At least `share` of the lines must have it.
    """

    pattern: re.Pattern[str]
    share: float


_DATE = r"\d{4}[-/.]\d\d[-/.]\d\d"
_CLOCK = r"\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d{1,9})?"
_NAME = r"[\w@./+#-]{1,60}"
_STAMPS = (
    rf"[\[(]?(?:\w{{1,20}} )?{_DATE}[T ]{_CLOCK}(?: ?(?:Z|UTC|GMT|[AP]M|[+-]\d\d:?\d\d))?[\])]?[:|-]? *",
    rf"[\[(]?{_CLOCK}(?: ?[AP]M)?[\])]? +",
    r"[\[(]?(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: \d{4})?[\])]? +",
    r"[\[(] {0,8}\+?\d{1,10}(?:\.\d{1,9})?s?[\])] +",
    r"\+?\d{1,10}\.\d{1,9}s? +",
    r"#\d{1,5} (?:\d{1,6}\.\d{1,3} )?",
)
_SEGMENTS = (
    *(Segment(re.compile(stamp), 0.6) for stamp in _STAMPS),
    # syslog: `host process[pid]: `
    Segment(re.compile(r"((?:[\w.-]{1,40} )?[\w.@/-]{1,40})\[\d{1,8}\]: "), 0.85),
    Segment(re.compile(r"[\[(<]([^\[\]()<>]{1,60})[\])>]:? ?"), 0.85),
    Segment(re.compile(rf"({_NAME}(?: {_NAME}){{0,2}}) {{0,30}}[|│┃»] ?"), 0.85),
    Segment(re.compile(rf"({_NAME}(?:[ :]{_NAME}){{0,3}}): "), 0.85),
    # `gh run view --log` separates job, step and time by tabs, which cleaning turned into four spaces.
    Segment(re.compile(r"(\S.{0,80}?) {4}(?=\S)"), 0.85),
)
_STATUS = re.compile(
    r"\b(?:ok|not|pass|passed|fail|failed|failure|error|err|fatal|panic|critical|severe|warn|warning|skip|skipped|skipping|"
    r"success|done|note|help|info|debug|trace|notice|x|e|w|f)\b|[✓✔✖✗✘×●]",
    re.I,
)
# A bracket or name with the severity of a line: shown, but not weighed if nearly every line has it.
_LEVEL = re.compile(r"[\[(<]?(?:INFO|DEBUG|TRACE|VERBOSE|NOTICE|info|debug)\b[\])>]?:? *")
# A place in code, a folder, an id.
_NO_NAME = re.compile(r"\.\w{1,6}(?::\d|$)|:\d+$|/$|^(?![0-9a-f]{0,60}[a-f]{9})(?=[0-9a-f]{0,60}\d[0-9a-f])[0-9a-f]++$")


class Prefix:
    """The beginning that most of some lines share; `strip` removes from a line as much of it as the line has."""

    def __init__(self, parts: Sequence[Callable[[str], int]], level: bool) -> None:
        self._parts = parts
        self.level = level

    def strip(self, text: str) -> str:
        at = 0
        for part in self._parts:
            at += part(text[at : at + 400])
        return text[at:] if at else text

    def strip_level(self, text: str) -> str:
        """Without the level that nearly every line has."""
        return text[match.end() :] if self.level and (match := _LEVEL.match(text)) else text


def learn(rows: Sequence[str]) -> Prefix:
    """The prefix that cleaned lines share, empty if they share none."""
    left = [row for row in rows if row.strip()]
    parts: list[Callable[[str], int]] = []
    if len(left) >= _LEAST_ROWS:
        for _ in range(_DEEPEST):
            part = next(filter(None, (_common(segment, left) for segment in _SEGMENTS)), None) or _after_level(left)
            if part is None:
                break
            parts.append(part)
            left = [row[part(row) :] for row in left]
            left = [row for row in left if row.strip()] or left
    level = len(left) >= _LEAST_ROWS and sum(bool(_LEVEL.match(row)) for row in left) >= _LEVELED * len(left)
    return Prefix(tuple(parts), level)


def _common(segment: Segment, rows: Sequence[str]) -> Callable[[str], int] | None:
    """How far the segment reaches into a line, if enough rows have it."""
    matches = [match for row in rows if (match := segment.pattern.match(row)) and not _LEVEL.match(row)]
    if len(matches) < segment.share * len(rows):
        return None
    if not segment.pattern.groups:
        return lambda text: found.end() if (found := segment.pattern.match(text)) else 0
    names = Counter(_masked(match[1]) for match in matches)
    frequent = {name for name, hits in names.items() if hits >= max(3, 0.04 * len(rows)) and not _telling(name)}
    if len(frequent) > _MOST_NAMES or sum(names[name] for name in frequent) < segment.share * len(rows):
        return None
    return lambda text: found.end() if (found := segment.pattern.match(text)) and _masked(found[1]) in frequent else 0


def _after_level(rows: Sequence[str]) -> Callable[[str], int] | None:
    """A segment after a level that nearly all rows have: loggers write `INFO [main] `."""
    ends = {row: found.end() for row in rows if (found := _LEVEL.match(row))}
    if sum(row in ends for row in rows) < _LEVELED * len(rows):
        return None
    rest = [row[ends[row] :] for row in rows if row in ends]
    part = next(filter(None, (_common(segment, rest) for segment in _SEGMENTS)), None)
    if part is None:
        return None

    def reach(text: str) -> int:
        match = _LEVEL.match(text)
        if match is None:
            return 0
        size = part(text[match.end() :])
        return match.end() + size if size else 0

    return reach


def _masked(name: str) -> str:
    return _NUMBER.sub("0", name)


def _telling(name: str) -> bool:
    """Whether a name says how a test ended, or where in the code something is. Such a name is not a wrapper's."""
    return bool(any(_STATUS.match(word) for word in name.split()) or _NO_NAME.search(name))
