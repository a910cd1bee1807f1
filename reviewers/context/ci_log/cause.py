"""What kind of thing made a check red, in one word that people count by."""

from collections.abc import Iterable
from enum import StrEnum

from reviewers.context.ci_log.signals import ERROR, EXCEPTION, HEADING, TEST, weigh


class Cause(StrEnum):
    """The kinds, the most telling first: a failed test raises exceptions, and all of them end with an exit code."""

    TEST = "failed test"
    COMPILE = "compile or lint error"
    TIME = "time-out"
    MISSING = "something missing"
    EXCEPTION = "exception"
    OTHER = "other error"
    UNREAD = "log not readable"


_CAUSES = {
    TEST: Cause.TEST,
    HEADING: Cause.TEST,
    "assertion": Cause.TEST,
    "error with its place": Cause.COMPILE,
    "warnings as errors": Cause.COMPILE,
    "time": Cause.TIME,
    "missing": Cause.MISSING,
    EXCEPTION: Cause.EXCEPTION,
    ERROR: Cause.OTHER,
}
_ORDER = tuple(Cause)


def cause_of(lines: Iterable[str]) -> Cause:
    """The most telling kind that any of the lines of a failing check speaks of."""
    found = [_CAUSES.get(signal.kind.reason, Cause.OTHER) if (signal := weigh(line)) else Cause.OTHER for line in lines]
    return min(found, key=_ORDER.index, default=Cause.UNREAD)
