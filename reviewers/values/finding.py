"""A seat's claim about the code, and its place."""

from enum import StrEnum

from reviewers.values.value import FrozenValue


class Severity(StrEnum):
    """How bad it is when it happens; agreement between seats never changes it."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def weight(self) -> int:
        """4 for critical down to 1 for low."""
        return {"critical": 4, "high": 3, "medium": 2, "low": 1}[self.value]


class Category(StrEnum):
    """The kind of defect."""

    CORRECTNESS = "correctness"
    SECURITY = "security"
    CONCURRENCY = "concurrency"
    DATA = "data"
    ERRORS = "errors"
    PERFORMANCE = "performance"
    API = "api"
    TESTS = "tests"
    BUILD = "build"
    MAINTAINABILITY = "maintainability"
    STYLE = "style"
    DOCS = "docs"


class Side(StrEnum):
    """The side of a diff, in GitHub's words."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


class Location(FrozenValue):
    """The place of a finding: a commentable range of the diff, a whole file, or (path None) the pull request.

    `line` is the last line of the range, 1-based, on `side`; None means a note on the file as a whole.
    `start_line` is None for a single line. Both ends lie in one hunk.
    """

    path: str | None
    line: int | None = None
    start_line: int | None = None
    side: Side = Side.RIGHT


class Evidence(FrozenValue):
    """A quote that was found at its stated place: in a file of the head, or in the shown log of a check.

    `path` is the file's path or the check's name, `line` is 1-based, `quote` is the text as it is there.
    """

    path: str
    line: int
    quote: str


class CitedLine(FrozenValue):
    """A line elsewhere that a claim cites, not yet checked; `line` is None if unknown."""

    path: str
    quote: str
    line: int | None = None


class FindingClaim(FrozenValue):
    """A finding in a seat's words, before its evidence was checked."""

    title: str
    body: str
    severity: Severity
    category: Category
    path: str
    quote: str
    line: int | None = None
    suggestion: str | None = None
    evidence: tuple[CitedLine, ...] = ()


class Finding(FrozenValue):
    """A claim whose quoted code was found in the diff.

    `suggestion` is replacement text for exactly `location`'s lines, or None; `sketch` is proposed code that cannot be applied so.
    `quote` is the code as in the file; `context` means that the change left these lines alone.
    `symbol` is the enclosing function or class if known, else "". `evidence` are lines outside of the diff that prove it.
    """

    seat: str
    title: str
    body: str
    severity: Severity
    category: Category
    location: Location
    quote: str
    suggestion: str | None = None
    sketch: str | None = None
    symbol: str = ""
    context: bool = False
    evidence: tuple[Evidence, ...] = ()


class Discarded(FrozenValue):
    """A claim that is not posted, and why."""

    seat: str
    title: str
    path: str
    reason: str
