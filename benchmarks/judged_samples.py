"""Reads judged review comments with lines as recorded reviews, in the format of alibaba/aacr-bench's `positive_samples.json`.

Every accepted comment is a separate issue; `negative_samples.json` in the same folder holds the rejected ones. Human comments are
left out, because a council seats models. The data is Apache-2.0 and is not part of Council.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reviewers.evals.recorded import Golden, RecordedComment, RecordedReview
from reviewers.values.finding import Category, Side

JUDGE = "people"
_REJECTED = "negative_samples.json"
_CATEGORIES = {
    "Code Defect": Category.CORRECTNESS,
    "Maintainability and Readability": Category.MAINTAINABILITY,
    "Performance": Category.PERFORMANCE,
    "Security Vulnerability": Category.SECURITY,
}


def read_samples(path: Path) -> tuple[RecordedReview, ...]:
    """One row per pull request, accepted and rejected comments together; raises ValueError naming the first invalid part."""
    rejected = path.with_name(_REJECTED)
    files = [(path, path.name != _REJECTED), *([(rejected, False)] if rejected.is_file() and rejected != path else [])]
    rows: dict[str, dict[tuple[object, ...], RecordedComment]] = {}
    for file, accepted in files:
        for address, sample in _samples(file):
            comments = rows.setdefault(address, {})
            comment = _comment(sample, f"g{len(comments)}" if accepted else "")
            comments.setdefault(comment.key, comment)
    return tuple(_row(address, tuple(comments.values())) for address, comments in sorted(rows.items()) if comments)


def _samples(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        for pull_request in json.loads(file.read_text(encoding="utf-8")):
            for sample in pull_request["comments"]:
                if sample["is_ai_comment"]:
                    yield pull_request["githubPrUrl"], sample
    except (KeyError, TypeError) as error:
        raise ValueError(f"{file}: not a list of pull requests with judged comments: {error!r}") from error


def _comment(sample: dict[str, Any], issue: str) -> RecordedComment:
    lines = sorted(line for line in (sample["from_line"], sample["to_line"]) if line)
    return RecordedComment(
        tool=sample["source_model"],
        text=sample["note"].strip(),
        matches=(issue,) if issue else (),
        path=sample["path"],
        line=lines[-1] if lines else None,
        start_line=lines[0] if len(set(lines)) > 1 else None,
        side=Side.LEFT if sample["side"] == "left" else Side.RIGHT,
        category=_CATEGORIES.get(sample["category"], Category.CORRECTNESS),
    )


def _row(address: str, comments: tuple[RecordedComment, ...]) -> RecordedReview:
    repository = "/".join(address.split("/")[3:5])
    golden = tuple(Golden(id=issue, text=comment.text) for comment in comments for issue in comment.matches or ())
    return RecordedReview(judge=JUDGE, repo=repository, pr=address, golden=golden, comments=comments)
