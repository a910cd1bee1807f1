"""A seat's solution to a question, and its citations."""

from enum import StrEnum

from reviewers.values.finding import Category, Finding, Location, Severity
from reviewers.values.value import FrozenValue


class Effort(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Citation(FrozenValue):
    """Lines of a material that support a solution: found there, and quoted verbatim.

    `source` is the material's path or name; `line` counts from 1 in the file or the log, `end_line` is inclusive.
    """

    source: str
    line: int
    end_line: int
    quote: str
    url: str = ""


class Facet(FrozenValue):
    """A part that a specialist's form requests by name: a hypothesis, a CWE, a consequence."""

    name: str
    text: str


class Solution(FrozenValue):
    """One solution in one seat's words. `verify` says how to check that it helped."""

    seat: str
    title: str
    approach: str
    steps: tuple[str, ...]
    effort: Effort
    risk: Risk
    verify: str = ""
    facets: tuple[Facet, ...] = ()
    citations: tuple[Citation, ...] = ()

    def as_finding(self) -> Finding:
        """The solution in the form for merging and ranking: words without a place, all of one severity, so that confidence alone ranks."""
        return Finding(
            seat=self.seat,
            title=self.title,
            body=self.approach,
            severity=Severity.HIGH,
            category=Category.CORRECTNESS,
            location=Location(path=None),
            quote="",
        )
