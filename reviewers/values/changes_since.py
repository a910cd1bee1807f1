"""A review's report on the review before it."""

from enum import StrEnum

from reviewers.values.value import FrozenValue


class FindingStatus(StrEnum):
    """What became of an earlier finding."""

    OPEN = "still open"
    MOVED = "moved"
    FIXED = "fixed"
    OUTDATED = "outdated"


class TrackedFinding(FrozenValue):
    """An earlier finding and its fate; `path` and `line` are its present place, or its last one."""

    fingerprint: str
    short_id: str
    title: str
    fate: FindingStatus
    path: str
    line: int | None = None


class ChangesSince(FrozenValue):
    """`head_sha` was reviewed before; `rebased` means that it is no ancestor of this head.

    `set_aside` are titles of findings on lines that were visible before, which nobody raised then; `unchanged` means that nothing in
    the diff is new, so no seat was asked.
    """

    head_sha: str
    rebased: bool = False
    followed: tuple[TrackedFinding, ...] = ()
    set_aside: tuple[str, ...] = ()
    unchanged: bool = False

    def of(self, *fates: FindingStatus) -> tuple[TrackedFinding, ...]:
        """Those with one of these fates."""
        return tuple(finding for finding in self.followed if finding.fate in fates)
