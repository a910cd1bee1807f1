"""Decisions about findings by people and seats: lasting dismissals, and the outcomes that make a seat's track record."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import reduce

from pydantic import Field

from reviewers.council.ranking import in_order
from reviewers.council.synthesis import plain_summary
from reviewers.learning.independence import SharedErrors
from reviewers.learning.reliability import Outcomes, Reliability, domain, shrunk_reliability
from reviewers.values.finding import Finding
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import ProposalStanding, RankedFinding, Verdict

_FRONT = (ProposalStanding.RECOMMENDED, ProposalStanding.UNCONFIRMED)


class Decision(StrEnum):
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Disposition(FrozenValue):
    """A finding that must not be posted again, as it was when decided; `login` decided, "" for the seats themselves."""

    number: int
    fingerprint: str
    short_id: str
    kind: Decision
    login: str
    reason: str
    finding: Finding

    @property
    def why(self) -> str:
        """For example "dismissed by ada: a test covers it"."""
        return f"{self.kind}{f' by {self.login}' if self.login else ''}" + (f": {self.reason}" if self.reason else "")


def set_aside(ranked: RankedFinding, found: Disposition) -> RankedFinding:
    """The finding with its new standing."""
    return ranked.model_copy(update={"standing": ProposalStanding.DISMISSED, "why": found.why, "was": ranked.was or ranked.standing})


def apply_decisions(verdict: Verdict, decided: Iterable[Disposition]) -> Verdict:
    """The verdict with the decisions about its findings, without those that were withdrawn since."""
    about = {disposition.fingerprint: disposition for disposition in decided}

    def one(ranked: RankedFinding) -> RankedFinding:
        if disposition := about.get(ranked.fingerprint):
            return set_aside(ranked, disposition)
        if ranked.standing is ProposalStanding.DISMISSED and ranked.was is not None:
            return ranked.model_copy(update={"standing": ranked.was, "why": "", "was": None})
        return ranked

    moved = in_order([one(ranked) for ranked in verdict.ranked])
    if moved == verdict.ranked:
        return verdict
    return verdict.model_copy(update={"ranked": moved, "plan": _plan(verdict, moved), "plan_order": ""})


def _plan(verdict: Verdict, moved: Sequence[RankedFinding]) -> tuple[str, ...]:
    """The plan without the steps of findings that are no longer to fix; steps follow the findings to fix, one each."""
    front = verdict.standing(*_FRONT)
    left = {finding.fingerprint for finding in moved if finding.standing in _FRONT}
    if len(verdict.plan) < len(front) or left - {finding.fingerprint for finding in front}:
        return plain_summary(moved).plan
    steps = [step for step, each in zip(verdict.plan, front, strict=False) if each.fingerprint in left]
    # The steps after these say how to verify them; without any there is nothing to verify.
    return (*steps, *verdict.plan[len(front) :]) if steps else ()


class Source(StrEnum):
    """The kind of a sign whether a finding was right."""

    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    THUMBS = "thumbs"
    RESOLVED = "resolved"
    CHANGED = "changed"
    # For an answer to a question: a person's comment on it, and that its issue was closed afterward.
    SAID = "said"
    CLOSED = "closed"


# An explicit decision of a person first, then what was done, then indirect signs; the first one that exists decides.
_BY_WEIGHT = (Source.DISMISSED, Source.WITHDRAWN, Source.SAID, Source.THUMBS, Source.CHANGED, Source.RESOLVED, Source.CLOSED)


class FindingSign(FrozenValue):
    """One sign about one finding, with the seats that raised, confirmed or rejected it. `where` names the pull request and finding.

    `score` is the finding's score in the ranking, in [0, 1]; None for an answer to a question, and if it was not stored.
    """

    where: str
    repository: int
    source: Source
    right: bool
    raised_by: tuple[str, ...] = ()
    confirmed_by: tuple[str, ...] = ()
    rejected_by: tuple[str, ...] = ()
    category: str = ""
    path: str = ""
    score: float | None = None


def decisive(signs: Iterable[FindingSign]) -> tuple[FindingSign, ...]:
    """The one sign per finding that decides."""
    best: dict[str, FindingSign] = {}
    for sign in signs:
        held = best.get(sign.where)
        if held is None or _BY_WEIGHT.index(sign.source) < _BY_WEIGHT.index(held.source):
            best[sign.where] = sign
    return tuple(best.values())


class Record(FrozenValue):
    """How often a seat was right: here and everywhere, and everywhere by category and by domain. `seat` is a model string.

    `errors` are those that it shares with other seats, by their model strings.
    """

    seat: str
    here: Outcomes = Outcomes()
    everywhere: Outcomes = Outcomes()
    by_category: dict[str, Outcomes] = Field(default_factory=dict)
    by_domain: dict[str, Outcomes] = Field(default_factory=dict)
    errors: dict[str, SharedErrors] = Field(default_factory=dict)


def records(signs: Iterable[FindingSign], repository: int) -> tuple[Record, ...]:
    """Each seat's record of the findings it raised; its votes on other findings count only as errors that seats share."""
    made: dict[str, Record] = {}
    decided = decisive(signs)
    for sign in decided:
        one = Outcomes(right=int(sign.right), wrong=int(not sign.right))
        for seat in sign.raised_by:
            made[seat] = _with(made.get(seat, Record(seat=seat)), sign, one, sign.repository == repository)
    for seat, errors in shared_errors(decided).items():
        made[seat] = made.get(seat, Record(seat=seat)).model_copy(update={"errors": errors})
    return tuple(made[seat] for seat in sorted(made))


def shared_errors(signs: Iterable[FindingSign]) -> dict[str, dict[str, SharedErrors]]:
    """For each seat, the errors that it shares with each other one. Agreement on right findings says nothing about dependence."""
    counted: dict[str, dict[str, SharedErrors]] = {}
    for sign in decisive(signs):
        if sign.right:
            continue
        erred = {*sign.raised_by, *sign.confirmed_by}
        for one in erred:
            for other in (erred | set(sign.rejected_by)) - {one}:
                _count(counted, one, other, together=other in erred)
                if other not in erred:
                    _count(counted, other, one, together=False)
    return counted


def _count(counted: dict[str, dict[str, SharedErrors]], one: str, other: str, *, together: bool) -> None:
    row = counted.setdefault(one, {})
    before = row.get(other, SharedErrors())
    row[other] = SharedErrors(together=before.together + together, seen=before.seen + 1)


def record_of(known: Iterable[Record], model: str) -> Record:
    """A model's record: under its full name, plus older entries stored under the last part of the name alone."""
    names = {model, model.rsplit("/", 1)[-1]}
    found = [record for record in known if record.seat in names]
    return reduce(_joined, found, Record(seat=model))


def _joined(one: Record, two: Record) -> Record:
    def both(first: Mapping[str, Outcomes], second: Mapping[str, Outcomes]) -> dict[str, Outcomes]:
        return {key: first.get(key, Outcomes()) + second.get(key, Outcomes()) for key in {*first, *second}}

    return Record(
        seat=one.seat,
        here=one.here + two.here,
        everywhere=one.everywhere + two.everywhere,
        by_category=both(one.by_category, two.by_category),
        by_domain=both(one.by_domain, two.by_domain),
        errors=one.errors | two.errors,
    )


def _with(record: Record, sign: FindingSign, one: Outcomes, here: bool) -> Record:
    kind, place = sign.category, domain(sign.path)
    return record.model_copy(
        update={
            "here": record.here + one if here else record.here,
            "everywhere": record.everywhere + one,
            "by_category": {**record.by_category, kind: record.by_category.get(kind, Outcomes()) + one},
            "by_domain": {**record.by_domain, place: record.by_domain.get(place, Outcomes()) + one},
        }
    )


def reliability(record: Record, category: str = "", place: str = "") -> Reliability:
    """A seat's reliability in a repository; for a kind of defect or of file, its record there counts on top, with the whole as prior."""
    whole = shrunk_reliability(record.here, record.everywhere)
    for narrow in (record.by_category.get(category), record.by_domain.get(place)):
        if narrow is not None and narrow.n:
            whole = whole.worth(20.0).after(narrow)
    return whole


def reliability_by_area(record: Record) -> dict[str, Reliability]:
    """A seat's reliability by "category/suffix", and by either alone, in the form that the ranking looks up."""
    kinds, places = ["", *record.by_category], ["", *record.by_domain]
    return {f"{kind}/{place}": reliability(record, kind, place) for kind in kinds for place in places if kind or place}
