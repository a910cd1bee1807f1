"""Reads recorded reviews: what tools said about real pull requests, and which comments a judge matched to known issues.

Each line is one pull request under one judge: {"judge", "repo", "pr", "golden": [{"id", "text", "severity"}],
"comments": [{"tool", "text", "matches": [golden ids] | null}]}. `matches: []` is a false positive; null was judged a match of an
issue for which another comment of the same tool was kept. A comment may carry its place: "path", "line", "start_line", "side" and the
"category" of the defect.
"""

from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from reviewers.values.finding import Category, Finding, Location, Severity, Side
from reviewers.values.value import FrozenValue


class Golden(FrozenValue):
    id: str
    text: str = ""
    severity: str = ""


class RecordedComment(FrozenValue):
    """One tool's comment; `path` and `line` are None if its place was not recorded; `line` is the last of the range, 1-based."""

    tool: str
    text: str
    matches: tuple[str, ...] | None
    path: str | None = None
    line: int | None = None
    start_line: int | None = None
    side: Side = Side.RIGHT
    category: Category = Category.CORRECTNESS

    @property
    def key(self) -> tuple[str, str, str | None, int | None]:
        """The identity of the comment within a row."""
        return (self.tool, self.text, self.path, self.line)

    def finding(self) -> Finding:
        """The comment as a seat's finding; its severity is unknown, so all have the same."""
        return Finding(
            seat=self.tool,
            title=self.text,
            body="",
            severity=Severity.MEDIUM,
            category=self.category,
            location=Location(path=self.path, line=self.line, start_line=self.start_line, side=self.side),
            quote="",
            sketch=self.text if "```" in self.text else None,
        )


class RecordedReview(FrozenValue):
    """One pull request under one judge."""

    judge: str
    repo: str
    pr: str
    golden: tuple[Golden, ...]
    comments: tuple[RecordedComment, ...]

    @property
    def tools(self) -> tuple[str, ...]:
        return tuple(sorted({comment.tool for comment in self.comments}))

    def behind(self, findings: Iterable[Finding]) -> list[RecordedComment]:
        """The comment behind each finding."""
        known = {comment.key: comment for comment in self.comments}
        return [known[finding.seat, finding.title, finding.location.path, finding.location.line] for finding in findings]

    def of(self, tools: Iterable[str]) -> "RecordedReview":
        """The same pull request with the comments of these tools only."""
        wanted = frozenset(tools)
        return self.model_copy(update={"comments": tuple(comment for comment in self.comments if comment.tool in wanted)})


def read_rows(lines: Iterable[str]) -> tuple[RecordedReview, ...]:
    """The rows of a file; raises ValueError naming the first invalid line."""
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            rows.append(RecordedReview.model_validate_json(line))
        except ValidationError as error:
            problem = error.errors(include_input=False, include_url=False)[0]
            raise ValueError(f"line {number}: {'.'.join(map(str, problem['loc'])) or 'row'}: {problem['msg']}") from error
    if not rows:
        raise ValueError("it holds no recorded review")
    return tuple(rows)


def judges(rows: Sequence[RecordedReview]) -> tuple[str, ...]:
    return tuple(sorted({row.judge for row in rows}))


def repositories(rows: Sequence[RecordedReview]) -> tuple[str, ...]:
    return tuple(sorted({row.repo for row in rows}))
