"""Marks findings that repeat a failing check's annotation on the same line, so that they are not posted again."""

import re
from collections.abc import Iterable, Sequence

from reviewers.context.snapshot import FailingCheck
from reviewers.council.text_features import code_names, content_words
from reviewers.values.finding import Finding, Side
from reviewers.values.verdict import Proposal

# "src/a.py:12:5: E501 …", "src/a.ts(12,5): error …", "./a.go:12 …": the output of compilers and linters.
_ANNOTATION = re.compile(r"(?<![\w@.+/\\-])(?P<path>[\w@.+/\\-]++)(?<=[\w+-])(?::|\()(?P<line>\d{1,6})(?:[:,]\d+)?\)?[:\s]+(?P<text>.*)")
_RULE = re.compile(r"^(?:(?:error|warning)\W+)?(?:[A-Z]{1,5}\d{1,5}\b\W*)?", re.IGNORECASE)
_SHARED = 2
_SHARE = 0.5


def mark_ci_duplicates(proposals: Sequence[Proposal], checks: Iterable[FailingCheck]) -> tuple[Proposal, ...]:
    """The proposals, each with the failing check that reports it on the same line in similar words, and the one that names its place."""
    said = [(check.name, match) for check in checks for line in check.lines for match in _ANNOTATION.finditer(line[:2_000])]
    if not said:
        return tuple(proposals)
    return tuple(
        proposal.model_copy(update={"repeats": _sayer(proposal.finding, said), "proven": _witness(proposal.finding, said)})
        for proposal in proposals
    )


def _witness(finding: Finding, said: Sequence[tuple[str, re.Match[str]]]) -> str:
    """The check whose log or annotation names a line of the finding, with any message; or ""."""
    return next((name for name, match in said if _on_it(finding, match)), "")


def _on_it(finding: Finding, match: re.Match[str]) -> bool:
    where = finding.location
    if where.path is None or where.line is None or where.side is not Side.RIGHT:
        return False
    return (where.start_line or where.line) <= int(match["line"]) <= where.line and _same_file(where.path, match["path"])


def _sayer(finding: Finding, said: Sequence[tuple[str, re.Match[str]]]) -> str:
    return next((name for name, match in said if _on_it(finding, match) and _alike(finding, match["text"])), "")


def _same_file(path: str, printed: str) -> bool:
    """Whether a path that a tool printed, from any working directory, is this file."""
    shown = printed.replace("\\", "/").removeprefix("./")
    return path == shown or path.endswith(f"/{shown}") or shown.endswith(f"/{path}")


def _alike(finding: Finding, text: str) -> bool:
    """Whether the finding contains most of the annotation; another defect on the same line does not match."""
    claimed = set(content_words(f"{finding.title} {finding.body}")) | code_names(f"{finding.title} {finding.body}")
    told = set(content_words(_RULE.sub("", text)))
    shared = len(told & claimed)
    # One word is no message: a frame of a stack trace names a function on the line, but does not say what is wrong there.
    return shared >= _SHARED and shared >= _SHARE * len(told)
