"""Classifies why a check failed, in one word for statistics."""

from collections.abc import Iterable
from enum import StrEnum

from reviewers.context.ci_log.signals import ERROR, EXCEPTION, HEADING, TEST, weigh


class Cause(StrEnum):
    """The kinds, most specific first: a failed test also raises exceptions and ends with an exit code."""

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
    """The most specific kind in any line of a failing check."""
    causes = [_CAUSES.get(signal.kind.reason, Cause.OTHER) if (signal := weigh(line)) else Cause.OTHER for line in lines]
    return min(causes, key=_ORDER.index, default=Cause.UNREAD)
