"""Injects faults: which request is hit, how, and how often."""

import re
from dataclasses import dataclass
from dataclasses import field as made_by
from enum import StrEnum


class FaultKind(StrEnum):
    """What happens to a request. `*_AFTER` faults happen after the change is made, so the caller cannot know whether it was."""

    RESET = "reset"
    RESET_AFTER = "reset after applying"
    BAD_GATEWAY = "502"
    BAD_GATEWAY_AFTER = "502 after applying"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    SECONDARY = "403 secondary"
    ABUSE = "403 abuse"
    TOO_MANY = "429"
    PRIMARY = "403 primary"
    UNPROCESSABLE = "422"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    UNAUTHORIZED = "401"
    HANG = "hang"
    # GraphQL answers 200, with null and an error for the values whose arguments match `field`, as it does at its time limit.
    PARTIAL = "partial answer"
    # SLOW answers after `retry_after` seconds. The rest affect a `git fetch`. Its RESET_AFTER happens in the middle of the pack.
    SLOW = "slow"
    HUGE = "huge pack"
    CORRUPT = "corrupt pack"
    WRONG_OBJECT = "wrong object"
    LONE_COMMIT = "commit without its files"


STATUS = {
    FaultKind.BAD_GATEWAY: (502, "Server Error"),
    FaultKind.BAD_GATEWAY_AFTER: (502, "Server Error"),
    FaultKind.SERVER_ERROR: (500, "Server Error"),
    FaultKind.UNAVAILABLE: (503, "Service Unavailable"),
    FaultKind.SECONDARY: (403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."),
    # The name of a secondary limit until 2021. It has no header.
    FaultKind.ABUSE: (403, "You have triggered an abuse detection mechanism. Please wait a few minutes before you try again."),
    FaultKind.TOO_MANY: (429, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."),
    FaultKind.PRIMARY: (403, "API rate limit exceeded for installation."),
    FaultKind.UNPROCESSABLE: (422, "Unprocessable Entity"),
    FaultKind.FORBIDDEN: (403, "Resource not accessible by integration"),
    FaultKind.NOT_FOUND: (404, "Not Found"),
    FaultKind.UNAUTHORIZED: (401, "Bad credentials"),
}


@dataclass
class FaultRule:
    """Hits requests of a method with a matching path, after letting `skip` pass, `times` times. `field` is a pattern of PARTIAL.

    A secondary limit with a `retry_after` of 0 has no header, as GitHub's sometimes do.
    """

    method: str
    path: str
    harm: FaultKind
    times: int = 1
    skip: int = 0
    retry_after: float = 1
    field: str = ""
    hits: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Whether this request is hit. Counts a hit."""
        if self.hits >= self.times or self.method not in ("*", method) or not re.search(self.path, path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.hits += 1
        return True


@dataclass
class Faults:
    """The armed faults, in the order of arming."""

    waiting: list[FaultRule] = made_by(default_factory=list)

    def add(self, method: str, path: str, harm: FaultKind | str, **options: float | str) -> FaultRule:
        """Arm a fault. Options: times, skip, retry_after, field."""
        rule = FaultRule(method, path, FaultKind(harm), **options)  # type: ignore[arg-type]
        self.waiting.append(rule)
        return rule

    def strike(self, method: str, path: str) -> FaultRule | None:
        """The fault that hits this request, if any."""
        return next((rule for rule in self.waiting if rule.strikes(method, path)), None)
