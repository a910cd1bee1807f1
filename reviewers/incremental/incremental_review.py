"""Ranks a review that follows another: open findings are carried over, nothing is repeated, and only what is new is posted."""

from collections.abc import Sequence
from dataclasses import dataclass

from reviewers.context.snapshot import Snapshot
from reviewers.council.fingerprint import SHORTEST
from reviewers.council.ranking import in_order
from reviewers.council.synthesis import plain_summary
from reviewers.incremental.delta import Delta
from reviewers.incremental.matching import EarlierFinding, NewFinding, match_findings
from reviewers.incremental.tracking import LocatedFinding, trace_findings
from reviewers.learning.feedback import Disposition, set_aside
from reviewers.values.changes_since import ChangesSince, FindingStatus, TrackedFinding
from reviewers.values.finding import Severity
from reviewers.values.verdict import ProposalStanding, RankedFinding, Usage, Verdict

_STAYING = {FindingStatus.OPEN, FindingStatus.MOVED}
_IN_FRONT = {ProposalStanding.RECOMMENDED, ProposalStanding.UNCONFIRMED, ProposalStanding.DISPUTED}


@dataclass(frozen=True)
class PreviousReview:
    """The last verdict on the pull request, its snapshot, and what is new since."""

    verdict: Verdict
    snapshot: Snapshot
    new: Delta
    rebased: bool


@dataclass(frozen=True)
class IncrementalReview:
    """The earlier review that a new ranking continues. `wide`: somebody requested a full review, so old lines may have new findings."""

    snapshot: Snapshot
    previous: PreviousReview | None = None
    decided: tuple[Disposition, ...] = ()
    wide: bool = False

    def revise(self, ranked: Sequence[RankedFinding]) -> tuple[tuple[RankedFinding, ...], ChangesSince | None]:
        """The findings of this round and of earlier ones in one order, and the fate of the earlier ones."""
        traced = [(finding, self._trace(finding)) for finding in self._carried()]
        earlier = [
            EarlierFinding(said.finding, found.location, said.fingerprint, found.around, frozenset(said.raised_by))
            for said, found in traced
        ]
        ranked = self._without_dismissed(ranked, earlier)
        if self.previous is None:
            return in_order(ranked), None
        twins = match_findings(_fresh(ranked), earlier, self.previous.new.added)
        again = {twin: ranked[index] for index, found in enumerate(twins) for twin in found}
        fresh = [each for index, each in enumerate(ranked) if not twins[index]]
        # The merge of a note and a finding in front was in front already.
        notes = {at for found in twins if all(traced[each][0].standing is ProposalStanding.NOTED for each in found) for at in found}
        news = [finding for finding in fresh if self._is_news(finding)]
        followed, kept = [], []
        for index, (said, found) in enumerate(traced):
            fate, carried = self._settled(said, found, again.get(index), is_note=index in notes)
            if carried.standing is not ProposalStanding.DISMISSED:
                followed.append(_followed(carried, fate))
            if fate in _STAYING:
                kept.append(carried)
        since = ChangesSince(
            head_sha=self.previous.verdict.head_sha,
            rebased=self.previous.rebased,
            followed=tuple(finding for finding in followed),
            set_aside=tuple(
                finding.finding.title for finding in fresh if finding not in news and finding.standing is not ProposalStanding.REJECTED
            ),
        )
        return in_order([*kept, *_distinct(news, kept)]), since

    def _carried(self) -> list[RankedFinding]:
        if self.previous is None:
            return []
        about = {disposition.fingerprint: disposition for disposition in self.decided}
        findings = [finding for finding in self.previous.verdict.ranked if finding.standing is not ProposalStanding.REJECTED]
        return [set_aside(finding, about[finding.fingerprint]) if finding.fingerprint in about else finding for finding in findings]

    def _trace(self, said: RankedFinding) -> LocatedFinding:
        if self.previous is None:
            return LocatedFinding(FindingStatus.OPEN, said.finding.location)
        return trace_findings(said.finding, self.previous.snapshot, self.snapshot, self.previous.new)

    def _is_news(self, ranked: RankedFinding) -> bool:
        """A finding on lines that could be seen before is not raised now, unless it is critical or somebody requested a full review."""
        if self.wide or self.previous is None or ranked.finding.severity is Severity.CRITICAL:
            return True
        return ranked.standing is ProposalStanding.DISMISSED or self.previous.new.touches(ranked.finding.location)

    def _settled(
        self, said: RankedFinding, found: LocatedFinding, again: RankedFinding | None, *, is_note: bool
    ) -> tuple[FindingStatus, RankedFinding]:
        """The earlier finding as it is now; if it was raised again, it is open at its new place."""
        if again is None:
            placed = said.finding.model_copy(update={"location": found.location})
            return found.fate, said.model_copy(update={"finding": placed})
        fate = FindingStatus.MOVED if found.fate is FindingStatus.MOVED else FindingStatus.OPEN
        if is_note and again.standing in _IN_FRONT and self._is_news(again):
            # A note in the fold is now a finding to fix, and it was never in front before.
            return fate, again.model_copy(update={"fingerprint": said.fingerprint, "short_id": said.short_id})
        update = {"location": again.finding.location, "quote": again.finding.quote, "symbol": again.finding.symbol}
        update |= {"suggestion": again.finding.suggestion, "sketch": again.finding.sketch}
        return fate, said.model_copy(update={"finding": said.finding.model_copy(update=update)})

    def _without_dismissed(self, ranked: Sequence[RankedFinding], carried: Sequence[EarlierFinding]) -> tuple[RankedFinding, ...]:
        """The findings; repeats of dismissed or withdrawn ones, in any wording, are marked as such unless an open finding fits better."""
        here = [disposition for disposition in self.decided if disposition.number == self.snapshot.number]
        if not here:
            carried = ()
        decided = {disposition.fingerprint for disposition in here}
        places = [*(self._placed(disposition) for disposition in here), *(each for each in carried if each.fingerprint not in decided)]
        new = self.previous.new.added if self.previous is not None else {}
        twins = match_findings(_fresh(ranked), places, new, several=True)
        elsewhere = {disposition.fingerprint: disposition for disposition in self.decided if disposition.number != self.snapshot.number}

        def one(each: RankedFinding, twin: int) -> RankedFinding:
            found = here[twin] if 0 <= twin < len(here) else elsewhere.get(each.fingerprint)
            if found is None:
                return each
            return set_aside(each.model_copy(update={"fingerprint": found.fingerprint, "short_id": found.short_id}), found)

        return _once(tuple(one(each, found[0] if found else -1) for each, found in zip(ranked, twins, strict=True)))

    def _placed(self, each: Disposition) -> EarlierFinding:
        """A decided finding at its present place, from the last verdict that carried it: its own text is as old as the decision."""
        if self.previous is None:
            return EarlierFinding(each.finding, each.finding.location, each.fingerprint)
        carried = next((said for said in self.previous.verdict.ranked if said.fingerprint == each.fingerprint), None)
        finding = carried.finding if carried else each.finding
        found = trace_findings(finding, self.previous.snapshot, self.snapshot, self.previous.new)
        return EarlierFinding(finding, found.location, each.fingerprint, found.around, frozenset(carried.raised_by if carried else ()))


def _fresh(ranked: Sequence[RankedFinding]) -> list[NewFinding]:
    return [NewFinding(finding.finding, finding.fingerprint, frozenset(finding.raised_by)) for finding in ranked]


def _followed(ranked: RankedFinding, fate: FindingStatus) -> TrackedFinding:
    where = ranked.finding.location
    return TrackedFinding(
        fingerprint=ranked.fingerprint,
        short_id=ranked.short_id,
        title=ranked.finding.title,
        fate=fate,
        path=where.path or "",
        line=where.line,
    )


def _once(ranked: Sequence[RankedFinding]) -> tuple[RankedFinding, ...]:
    """The first per fingerprint: two wordings of one dismissed finding are listed once."""
    kept: dict[str, RankedFinding] = {}
    for finding in ranked:
        kept.setdefault(finding.fingerprint, finding)
    return tuple(kept.values())


def _distinct(news: Sequence[RankedFinding], kept: Sequence[RankedFinding]) -> list[RankedFinding]:
    """New findings under short ids that no carried one has; a fingerprint that is carried already is not new."""
    prints = {finding.fingerprint for finding in kept}
    taken = {finding.short_id for finding in kept}
    findings = []
    for finding in news:
        if finding.fingerprint in prints:
            continue
        size = next(size for size in range(max(SHORTEST, len(finding.short_id)), 65) if finding.fingerprint[:size] not in taken)
        taken.add(finding.fingerprint[:size])
        findings.append(finding.model_copy(update={"short_id": finding.fingerprint[:size]}))
    return findings


def unchanged_verdict(succession: IncrementalReview, previous: PreviousReview) -> Verdict:
    """The verdict on a head whose diff shows nothing new: the open findings, without asking any seat."""
    ranked, since = succession.revise(())
    words = plain_summary(ranked)
    return previous.verdict.model_copy(
        update={
            "head_sha": succession.snapshot.head_sha,
            "ranked": ranked,
            "discarded": (),
            "seats": tuple(seat.model_copy(update={"usage": Usage(), "seconds": 0.0}) for seat in previous.verdict.seats),
            "summary": words.summary,
            "plan": words.plan,
            "plan_order": words.plan_order,
            "usage": Usage(),
            "seconds": 0.0,
            "minutes": None,
            "since": since.model_copy(update={"unchanged": True}) if since else None,
        }
    )


def with_coverage(verdict: Verdict, succession: IncrementalReview, previous: PreviousReview, asked: Snapshot) -> Verdict:
    """The verdict with the coverage of the whole change: each file that was not read now keeps its state from before."""
    total = len(succession.snapshot.files) + succession.snapshot.unlisted
    again = {file.path for file in asked.files}
    here = {file.path for file in succession.snapshot.files}
    left = [each for each in previous.verdict.coverage.unseen if each.path in here and each.path not in again]
    unseen = (*verdict.coverage.unseen, *left)
    seen = len(succession.snapshot.files) - len({each.path for each in unseen})
    return verdict.model_copy(update={"coverage": verdict.coverage.model_copy(update={"files": total, "seen": seen, "unseen": unseen})})
