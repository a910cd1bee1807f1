"""Change here how HISTORY is answered: the commits that changed a path or name a word, with reverts and fixes marked."""

import re
from collections.abc import Sequence

from reviewers.context.repository.look_page import LookPage, in_words, short_target
from reviewers.context.repository.looks import Look, LookAnswer
from reviewers.values.value import FrozenValue

MOST_COMMITS = 2_000
_REVERT = re.compile(r"^Revert\b|This reverts commit ([0-9a-f]{7,40})", re.MULTILINE)
_FIX = re.compile(r"\b(?:fix(?:es|ed)?|bug|regression|hotfix|crash|leak|race)\b", re.IGNORECASE)
_LONGEST = 160


class PastCommit(FrozenValue):
    """A commit; `date` is YYYY-MM-DD, `message` is complete."""

    sha: str
    date: str
    message: str


def list_history(look: Look, commits: Sequence[PastCommit] | None, tokens: int) -> LookAnswer:
    """The commits, the newest first, reverts and fixes marked; None if the history was not fetched."""
    page = LookPage(look, tokens)
    if commits is None:
        page.say("the history of this repository was not fetched, so nothing is known of earlier commits")
        return page.answer()
    if not commits:
        page.say(f"none of the last {MOST_COMMITS:,} commits that are there changed or named {short_target(look.target)!r}")
        return page.answer()
    reverted = {match[1][:7]: commit.sha[:9] for commit in commits for match in _REVERT.finditer(commit.message) if match[1]}
    page.say(f"{in_words(len(commits), 'commit')} changed or named {short_target(look.target)!r}, the newest first")
    for at, commit in enumerate(commits):
        subject, _, body = commit.message.partition("\n")
        by = reverted.get(commit.sha[:7], "")
        marks = [mark for mark, holds in (("revert", _REVERT.search(commit.message)), ("fix", _FIX.search(subject))) if holds]
        marks += [f"reverted by {by}"] if by else []
        why = " ".join(body.split())
        row = f"{commit.sha[:9]} {commit.date} {short_target(subject, _LONGEST)}" + (f" [{', '.join(marks)}]" if marks else "")
        if not page.say(f"{row}: {short_target(why, _LONGEST)}" if why else row):
            return page.answer(f"{len(commits) - at} of {in_words(len(commits), 'commit')}")
    return page.answer()
