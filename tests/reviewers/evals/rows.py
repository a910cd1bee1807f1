"""Invented recorded reviews: tools of known skill that find known issues in different words, and invent others."""

import random

from reviewers.evals.recorded import Golden, RecordedComment, RecordedReview

TOOLS = {"keen": 0.9, "fair": 0.6, "poor": 0.3, "mute": 0.2, "odd": 0.5}
_THINGS = ("cache", "lock", "session", "token", "retry", "upload", "invoice", "parser", "queue", "index", "mailer", "router")
_FAULTS = ("is never released", "leaks on error", "overflows at noon", "ignores the tenant", "is read twice", "returns nil")
_WAYS = ("{0}", "It seems that {0}", "{0}, so callers fail", "Bug: {0} when two requests meet", "{0}; guard it")


def row(judge: str, repo: str, number: int) -> RecordedReview:
    """One pull request with three issues, each found by a number of tools that depends on their skill."""
    dice = random.Random(f"{repo}:{number}")
    issues = [f"the {thing} {fault}" for thing, fault in zip(dice.sample(_THINGS, 3), dice.sample(_FAULTS, 3), strict=True)]
    comments = []
    for tool, skill in TOOLS.items():
        for at, issue in enumerate(issues):
            if dice.random() < skill:
                comments.append(RecordedComment(tool=tool, text=dice.choice(_WAYS).format(issue), matches=(f"g{at}",)))
        for _ in range(dice.randrange(3)):
            made_up = f"{dice.choice(_THINGS)}_{dice.randrange(999)} {dice.choice(_FAULTS)} in step {dice.randrange(999)}"
            comments.append(RecordedComment(tool=tool, text=made_up, matches=()))
    golden = tuple(Golden(id=f"g{at}", text=issue) for at, issue in enumerate(issues))
    unique = {(comment.tool, comment.text): comment for comment in comments}
    return RecordedReview(judge=judge, repo=repo, pr=f"{repo}/{number}", golden=golden, comments=tuple(unique.values()))


def rows(repos: tuple[str, ...] = ("one", "two", "three"), each: int = 4) -> tuple[RecordedReview, ...]:
    return tuple(row(judge, repo, number) for judge in ("strict", "kind") for repo in repos for number in range(each))


def placed(given: tuple[RecordedReview, ...]) -> tuple[RecordedReview, ...]:
    """The same, each comment on a line of one file."""
    return tuple(
        row.model_copy(update={"comments": tuple(comment.model_copy(update={"path": "a.py", "line": 7}) for comment in row.comments)})
        for row in given
    )


def ranged(given: tuple[RecordedReview, ...], right_lines: int = 9) -> tuple[RecordedReview, ...]:
    """The same at lines far apart: right comments are about `right_lines` lines, wrong ones about one."""
    return tuple(
        row.model_copy(update={"comments": tuple(_ranged(each, at, right_lines) for at, each in enumerate(row.comments))}) for row in given
    )


def _ranged(comment: RecordedComment, at: int, right_lines: int) -> RecordedComment:
    line = 100 * (at + 1)
    lines = right_lines if comment.matches else 1
    return comment.model_copy(update={"path": "a.py", "line": line, "start_line": line - lines + 1 if lines > 1 else None})


def text(given: tuple[RecordedReview, ...]) -> str:
    return "".join(each.model_dump_json() + "\n" for each in given)
