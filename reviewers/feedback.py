"""What people and seats decided about findings: dismissals that stick, and outcomes that a seat's record is made of."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from reviewers.council.ranking import in_order
from reviewers.council.synthesis import plain
from reviewers.finding import Finding
from reviewers.value import Value
from reviewers.verdict import RankedFinding, Standing, Verdict

_FRONT = (Standing.RECOMMENDED, Standing.UNCONFIRMED)


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


def set_aside(ranked: RankedFinding, found: Disposition) -> RankedFinding:
    """The finding as what it was decided to be."""
    return ranked.model_copy(update={"standing": Standing.DISMISSED, "why": found.why, "was": ranked.was or ranked.standing})


def disposed(verdict: Verdict, decided: Iterable[Disposition]) -> Verdict:
    """The verdict with what was decided about its findings, and with nothing that was taken back since."""
    about = {each.fingerprint: each for each in decided}

    def one(ranked: RankedFinding) -> RankedFinding:
        if found := about.get(ranked.fingerprint):
            return set_aside(ranked, found)
        if ranked.standing is Standing.DISMISSED and ranked.was is not None:
            return ranked.model_copy(update={"standing": ranked.was, "why": "", "was": None})
        return ranked

    moved = in_order([one(ranked) for ranked in verdict.ranked])
    if moved == verdict.ranked:
        return verdict
    return verdict.model_copy(update={"ranked": moved, "plan": _plan(verdict, moved)})


def _plan(verdict: Verdict, moved: Sequence[RankedFinding]) -> tuple[str, ...]:
    """The plan without the steps of findings that are not to fix any more; steps follow the findings to fix, one each."""
    front = verdict.standing(*_FRONT)
    left = {each.fingerprint for each in moved if each.standing in _FRONT}
    if len(verdict.plan) < len(front) or left - {each.fingerprint for each in front}:
        return plain(moved).plan
    steps = [step for step, each in zip(verdict.plan, front, strict=False) if each.fingerprint in left]
    # What follows the steps says how to verify them; without any there is nothing to verify.
    return (*steps, *verdict.plan[len(front) :]) if steps else ()
