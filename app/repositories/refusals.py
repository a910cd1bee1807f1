"""Words the reasons why there is no mirror. They follow "the repository was not read: "."""

import errno
import re
from dataclasses import dataclass

from app.errors import CouncilError, GitHubRejected, NotFound, RateLimited, Suspended, Unavailable
from app.git.child import GitNotFound
from app.git.fetching import FetchFailed, FetchTooLarge, FetchTooSlow
from app.repositories.staging import BrokenFetch

HOUR = 3600.0


@dataclass(frozen=True)
class NoMirror:
    """Why a review continues without the repository, as a clause. `pending` if the next review will likely have it."""

    reason: str
    pending: bool = False


OFF_HERE = NoMirror("mirrors are switched off on this server (MIRRORS)")
OFF_THERE = NoMirror("mirrors are switched off for this repository (mirror.enabled)")
NOT_READY = NoMirror("its mirror is still being fetched", pending=True)
NO_ROOM = NoMirror("the mirrors in use fill their disk space (MIRRORS_MB)")
STOPPED = NoMirror("the fetch was stopped")

_BROKEN_FETCH = "the received data was damaged"
_FORBIDDEN = "Council may not read its contents on GitHub"
_LIMITED = "GitHub's rate limit was reached"
_FULL = "the disk is full"
# Git's messages in English, because LANG is C.UTF-8. The first match counts.
_SAYINGS = (
    (r"No space left", _FULL),
    (r"could not read (?:Username|Password)|Authentication failed|returned error: 401", "GitHub refused the token"),
    (r"not found|returned error: 40[34]", _FORBIDDEN),
    (r"redirect|returned error: 30\d", "it was renamed in the meantime"),
    (r"not our ref|couldn't find remote ref|unadvertised", "GitHub no longer has the commit"),
    (r"returned error: 429", _LIMITED),
    (
        r"early EOF|empty reply|disconnect|reset|hung up|timed? ?out|refused|resolve host|slow|error: 5\d\d\b|RPC failed|SSL|connect",
        "the connection was lost",
    ),
    (r"corrupt|mismatch|fsck|inflate|bad object|did not send all|unable to read|index-pack|unpack|missing", _BROKEN_FETCH),
)
_TYPES: tuple[tuple[type[CouncilError], str], ...] = (
    (FetchTooLarge, "it is larger than the limit for mirrors (mirror.max_mb, MIRRORS_MB)"),
    (FetchTooSlow, "the fetch took too long"),
    (GitNotFound, "git is not installed on this server"),
    (BrokenFetch, _BROKEN_FETCH),
    (RateLimited, _LIMITED),
    (NotFound, _FORBIDDEN),
    (GitHubRejected, _FORBIDDEN),
    (Suspended, _FORBIDDEN),
)


def reason_of(error: CouncilError | OSError) -> NoMirror:
    """What went wrong, in words for people who read a review."""
    if isinstance(error, OSError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return NoMirror(_FULL if full else f"the mirror's folder cannot be used ({error.strerror})")
    if reason := next((reason for kind, reason in _TYPES if isinstance(error, kind)), ""):
        return NoMirror(reason)
    if isinstance(error, Unavailable):
        words = error.words if isinstance(error, FetchFailed) else str(error)
        return NoMirror(next((reason for pattern, reason in _SAYINGS if re.search(pattern, words, re.I)), "GitHub could not be reached"))
    return NoMirror(str(error))


def is_damage(error: CouncilError | OSError) -> bool:
    """Whether existing content of the mirror may be the cause, so that fetching from the beginning is better."""
    return isinstance(error, BrokenFetch | Unavailable) and reason_of(error).reason == _BROKEN_FETCH


def seconds_refused(error: CouncilError | OSError) -> float:
    """For how many seconds a repository is not fetched again: one that is too large costs its whole download each time."""
    return 24 * HOUR if isinstance(error, FetchTooLarge) else HOUR if isinstance(error, FetchTooSlow) else 0.0
