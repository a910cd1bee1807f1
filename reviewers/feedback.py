"""What people and seats decided about findings: dismissals that stick, and outcomes that a seat's record is made of."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from reviewers.finding import Finding
from reviewers.value import Value
from reviewers.verdict import RankedFinding, Standing, Verdict


class Decision(StrEnum):
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Disposition(Value):
    """A finding that is not to be posted again, in the words it was decided on; `login` is who decided, "" for the seats themselves."""

    number: int
    fingerprint: str
    short_id: str
    kind: Decision
    login: str
    reason: str
    finding: Finding

    @property
    def why(self) -> str:
        """ "dismissed by ada: a test covers it"."""
        return f"{self.kind}{f' by {self.login}' if self.login else ''}" + (f": {self.reason}" if self.reason else "")


def disposed(verdict: Verdict, decided: Iterable[tuple[str, Disposition]]) -> Verdict:
    """The verdict with each of those findings, named by fingerprint, set aside and saying why."""
    about = dict(decided)

    def one(ranked: RankedFinding) -> RankedFinding:
        found = about.get(ranked.fingerprint)
        return ranked if found is None else ranked.model_copy(update={"standing": Standing.DISMISSED, "why": found.why})

    moved = [one(ranked) for ranked in verdict.ranked]
    kept = [each for each in moved if each.standing is not Standing.DISMISSED]
    aside = [each for each in moved if each.standing is Standing.DISMISSED]
    return verdict.model_copy(update={"ranked": (*kept, *aside), "plan": _plan(verdict, aside)}) if aside else verdict


def _plan(verdict: Verdict, aside: Sequence[RankedFinding]) -> tuple[str, ...]:
    """The plan without the steps of findings that were set aside; steps follow the findings to fix, one each."""
    front = verdict.standing(Standing.RECOMMENDED, Standing.UNCONFIRMED)
    gone = {each.fingerprint for each in aside}
    if len(verdict.plan) < len(front):
        return verdict.plan
    left = [step for step, each in zip(verdict.plan, front, strict=False) if each.fingerprint not in gone]
    # What follows the steps says how to verify them; without any there is nothing to verify.
    return (*left, *verdict.plan[len(front) :]) if left else ()
