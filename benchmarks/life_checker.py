"""Compares GitHub's state after a walk with the oracle: seven counts, and a line per deviation."""

import re
from collections import Counter
from dataclasses import dataclass, field

from app.sandbox.github.entities import CheckRun, Comment
from app.sandbox.log import Exchange
from benchmarks.life_oracle import ANSWERS, BUYS, OPENS, combined
from benchmarks.life_walk import Asked, Life, Walk

OPINION = "OpinionAnswer"
SUMMARY = "<!-- council:summary"


@dataclass
class Wrongs:
    """How often each promise was broken, and the observations."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def add(self, kind: str, line: str) -> None:
        self.counts[kind] += 1
        self.lines.append(f"{kind}: {line}")


def check(walk: Walk, wrongs: Wrongs, exchanges: list[Exchange], bought: int) -> None:
    """Compare everything with the table, and take the observations as the new state."""
    if not walk.is_suspended:
        for sha in {life.head for life in walk.lives if life.is_open}:
            _check_head(walk, wrongs, sha)
        for life in walk.lives:
            _check_summary(walk, wrongs, life)
            _rest(walk, life)
        _check_groups(walk, wrongs)
        _check_answers(walk, wrongs)
    _check_writes(walk, wrongs, exchanges)
    walk.was_denied, walk.was_suspended = "issues" in walk.denied, walk.is_suspended
    if bought > walk.allowed:
        wrongs.add("overbought", f"{bought} reviews were bought where {walk.allowed} were asked for")
        walk.allowed = bought


def _check_head(walk: Walk, wrongs: Wrongs, sha: str) -> None:
    checks = [run for run in walk.place.check_runs.values() if run.name == "Council" and run.head_sha == sha]
    lives = [life for life in walk.lives if life.is_open and life.head == sha]
    if any(sha in life.excused for life in lives):
        shown = frozenset(run.conclusion or "" for run in checks) or frozenset({""})
        for life in lives:
            # A shared check shows the worst of its parts, so the part of one pull request may be another than what is shown.
            own = walk.possible_ends(life) | life.ends.get(sha, frozenset()) if len(lives) > 1 else frozenset()
            life.ends[sha] = shown | own
            life.unsure.add(sha)
        return
    if len(checks) > 1:
        wrongs.add("forbidden", f"{len(checks)} check runs on {sha[:7]}")
    if any(run.status != "completed" for run in checks):
        wrongs.add("stuck", f"the check of {sha[:7]} is {checks[0].status}: {checks[0].title}")
        return
    seen, allowed = _ended(checks), combined(walk.possible_ends(life) for life in lives)
    if seen in OPENS and not allowed & set(OPENS):
        wrongs.add("bypassed", _differs(sha, seen, allowed, lives))
    elif seen not in allowed:
        wrongs.add("stale", _differs(sha, seen, allowed, lives))
    if len(lives) == 1:
        _note_reviewed(lives[0], seen)
        lives[0].ends[sha] = frozenset({seen})
    else:
        for life in lives:
            _note_reviewed(life, seen)
            life.ends[sha] = walk.possible_ends(life)
    for life in lives:
        is_bought = any(fate.kind in BUYS for fate in life.fates)
        if is_bought and (verdict := life.ends[sha] & {"success", "failure"}):
            life.verdicts[sha] = verdict


def _ended(checks: list[CheckRun]) -> str:
    return (checks[0].conclusion or "") if checks else ""


def _differs(sha: str, seen: str, allowed: frozenset[str], lives: list[Life]) -> str:
    fates = {life.pull.number: sorted(fate.kind for fate in life.fates) for life in lives}
    return f"the check of {sha[:7]} is {seen or 'absent'!r}, not {sorted(allowed)}; fates {fates}"


def _note_reviewed(life: Life, seen: str) -> None:
    if not life.fates:
        return
    kinds = {fate.kind for fate in life.fates}
    if kinds <= set(BUYS) or (kinds & set(BUYS) and seen in {"success", "failure"} and len(kinds) == 1):
        life.reviewed.add(life.head)
        life.unsure.discard(life.head)
    elif kinds & set(BUYS):
        life.unsure.add(life.head)
    if kinds == {"reviewed"}:
        life.shown.add(life.head)


def _check_summary(walk: Walk, wrongs: Wrongs, life: Life) -> None:
    summaries = [comment for comment in _own(life) if SUMMARY in comment.body]
    if len(summaries) > 1:
        wrongs.add("forbidden", f"{len(summaries)} summaries on #{life.pull.number}")
    if not (life.reviewed | life.unsure) and summaries:
        wrongs.add("forbidden", f"a summary on #{life.pull.number}, of which no head is to be reviewed")
    if any(review.state == "PENDING" for review in life.pull.reviews) and "issues" not in walk.denied:
        wrongs.add("stuck", f"a draft review on #{life.pull.number}")
    if not life.is_open or life.is_summary_excused or walk.config == "silent" or life.head not in life.shown:
        return
    if not any(re.search(rf"Reviewed `{life.head[:7]}`", comment.body) for comment in summaries):
        wrongs.add("stale", f"the summary of #{life.pull.number} is not that of {life.head[:7]}")


def _rest(walk: Walk, life: Life) -> None:
    life.fates.clear()
    life.unbought.clear()
    life.is_asked = life.is_restored = False
    if not walk.denied:
        life.is_summary_excused = False


def _check_groups(walk: Walk, wrongs: Wrongs) -> None:
    for queued in walk.groups:
        name = f"the merge group of #{queued.life.pull.number}"
        checks = [run for run in walk.place.check_runs.values() if run.name == "Council" and run.head_sha == queued.group.head_sha]
        # GitHub merges a group that passed at once, so the head's check at the time of queueing counts, too: a re-run that fails later
        # comes too late for the group.
        ends = queued.before | queued.life.ends.get(queued.life.head, frozenset())
        if any(run.status != "completed" for run in checks) or not (checks or queued.is_unsaid):
            wrongs.add("stuck", f"the check of {name} is not completed")
        elif checks and checks[0].conclusion in OPENS and queued.life.is_open and not ends & {*OPENS, ""}:
            wrongs.add("bypassed", f"{name} is {checks[0].conclusion}, its head {sorted(ends)}")
    walk.groups.clear()


def _check_answers(walk: Walk, wrongs: Wrongs) -> None:
    """Each command got its line, or the requested review; nothing was said without a request."""
    for life in walk.lives:
        asked = [each for each in walk.asked if each.life is life]
        lines = sum("<!-- council:reply" in comment.body for comment in _own(life))
        could_not = walk.was_denied or walk.was_suspended
        due = [] if could_not else [each for each in asked if each.is_heard and _wants_a_line(each)]
        known = walk.answered.get(life.pull.number, 0)
        if lines - known < len(due):
            wrongs.add("unanswered", f"#{life.pull.number}: {lines - known} answers to {[each.command for each in due]}")
        if lines - known > len(asked):
            wrongs.add("forbidden", f"#{life.pull.number}: {lines - known} answers to {[each.command for each in asked]}")
        walk.answered[life.pull.number] = lines
    walk.asked.clear()


def _wants_a_line(asked: Asked) -> bool:
    if ANSWERS[asked.command] == "refusal":
        return not any(reaction.content == "-1" for reaction in asked.comment.reactions)
    return ANSWERS[asked.command] == "line" or not asked.was_open


def _check_writes(walk: Walk, wrongs: Wrongs, exchanges: list[Exchange]) -> None:
    for exchange in exchanges:
        body = exchange.body if isinstance(exchange.body, dict) else {}
        if exchange.operation in {"create_review", "submit_review"} and body.get("event") not in (None, "COMMENT"):
            wrongs.add("forbidden", f"{exchange.operation} with {body['event']}")
        if (
            exchange.operation in {"update_issue_comment", "delete_issue_comment"}
            and exchange.applied
            and not _is_ours(walk, exchange.path)
        ):
            wrongs.add("forbidden", f"{exchange.operation} of a comment that somebody else wrote")


def _own(life: Life) -> list[Comment]:
    return [comment for comment in life.pull.issue.comments if comment.author.login.endswith("[bot]")]


def _is_ours(walk: Walk, path: str) -> bool:
    number = int(path.rpartition("/")[2])
    return not any(
        comment.id == number and not comment.author.login.endswith("[bot]") for life in walk.lives for comment in life.pull.issue.comments
    )
