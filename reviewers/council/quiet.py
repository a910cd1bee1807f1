"""What a failing check says already is not said again: findings that repeat a linter's annotation on their own line."""

import re
from collections.abc import Iterable, Sequence

from reviewers.context.snapshot import FailingCheck
from reviewers.council.wording import names, words
from reviewers.finding import Finding, Side
from reviewers.verdict import Proposal

# "src/a.py:12:5: E501 …", "src/a.ts(12,5): error …", "./a.go:12 …": what compilers and linters print.
_ANNOTATION = re.compile(r"(?<![\w@.+/\\-])(?P<path>[\w@.+/\\-]++)(?<=[\w+-])(?::|\()(?P<line>\d{1,6})(?:[:,]\d+)?\)?[:\s]+(?P<text>.*)")
_RULE = re.compile(r"^(?:(?:error|warning)\W+)?(?:[A-Z]{1,5}\d{1,5}\b\W*)?", re.IGNORECASE)
_SHARED = 2
_SHARE = 0.5


def repeated(proposals: Sequence[Proposal], checks: Iterable[FailingCheck]) -> tuple[Proposal, ...]:
    """The same proposals, each with the failing check that says it on the same line in like words, and the one that names its place."""
    said = [(check.name, match) for check in checks for line in check.lines for match in _ANNOTATION.finditer(line[:2_000])]
    if not said:
        return tuple(proposals)
    return tuple(
        proposal.model_copy(update={"repeats": _sayer(proposal.finding, said), "proven": _witness(proposal.finding, said)})
        for proposal in proposals
    )


def _witness(finding: Finding, said: Sequence[tuple[str, re.Match[str]]]) -> str:
    """The check whose log or annotation names a line of the finding, whatever it says there; or ""."""
    return next((name for name, match in said if _on_it(finding, match)), "")


def _on_it(finding: Finding, match: re.Match[str]) -> bool:
    where = finding.location
    if where.path is None or where.line is None or where.side is not Side.RIGHT:
        return False
    return (where.start_line or where.line) <= int(match["line"]) <= where.line and _same_file(where.path, match["path"])


def _sayer(finding: Finding, said: Sequence[tuple[str, re.Match[str]]]) -> str:
    return next((name for name, match in said if _on_it(finding, match) and _alike(finding, match["text"])), "")


def _same_file(path: str, printed: str) -> bool:
    """Whether a path as a tool printed it, from wherever it ran, is this file."""
    shown = printed.replace("\\", "/").removeprefix("./")
    return path == shown or path.endswith(f"/{shown}") or shown.endswith(f"/{path}")


def _alike(finding: Finding, text: str) -> bool:
    """Whether most of what the annotation says is in the finding; another defect on the same line is none of its business."""
    claimed = set(words(f"{finding.title} {finding.body}")) | names(f"{finding.title} {finding.body}")
    told = set(words(_RULE.sub("", text)))
    shared = len(told & claimed)
    # One word is no message: a frame of a stack trace names a function on the line, and says nothing of what is wrong there.
    return shared >= _SHARED and shared >= _SHARE * len(told)
