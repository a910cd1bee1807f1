"""The view of a run's page. Change here what the matrix and each finding show."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from app.reporters.text.author_text import author_sentence
from app.reporters.text.phrases import criteria_counts, heading, how_sure
from app.reporters.text.support_text import support
from app.store.reviews.run_page import ModelCall, RunFacts
from app.store.reviews.transcripts import LOST
from app.web.views.timeline import timeline
from app.web.wording import state_name
from reviewers.context.diff import Row, parse
from reviewers.context.snapshot import Snapshot
from reviewers.council.selection import Selection
from reviewers.criteria import CriterionResult
from reviewers.learning.feedback import Disposition, apply_decisions
from reviewers.values.finding import Discarded, Location, Side
from reviewers.values.look_record import LookRecord
from reviewers.values.verdict import Coverage, ProposalStanding, RankedFinding, SeatReport, SeatVote, Stance, Verdict

_AROUND = 4
_MOST_FINDINGS, _MOST_LINES, _MOST_LOOKS = 40, 24, 10
_SIGNS = {Stance.CONFIRM: "✓ confirms", Stance.REJECT: "✗ rejects", Stance.UNSURE: "? unsure"}
# The filter of each standing.
_KINDS = {
    ProposalStanding.RECOMMENDED: "to fix",
    ProposalStanding.UNCONFIRMED: "to fix",
    ProposalStanding.DISPUTED: "disputed",
    ProposalStanding.NOTED: "minor",
    ProposalStanding.REJECTED: "rejected",
    ProposalStanding.DISMISSED: "dismissed",
}
FILTERS = ("to fix", "disputed", "minor", "rejected", "dismissed", "discarded")


@dataclass(frozen=True)
class Cell:
    """One seat's part in one finding; `kind` is raised, confirm, reject, unsure or none, `vote` its vote or None."""

    kind: str
    sign: str
    seat: str
    vote: SeatVote | None = None


@dataclass(frozen=True)
class ExcerptLine:
    """One line of a diff excerpt; `anchored` if it belongs to the finding."""

    mark: str
    old: int | None
    new: int | None
    text: str
    anchored: bool


@dataclass(frozen=True)
class FindingView:
    """A finding with its row of the matrix, its votes, the looks at its file and its code.

    `kind` is its filter, `by` is who dismissed it or "".
    """

    ranked: RankedFinding
    kind: str
    by: str
    sure: str
    support: str
    place: str
    url: str
    cells: tuple[Cell, ...]
    excerpt: tuple[ExcerptLine, ...]
    looks: tuple[tuple[str, LookRecord], ...]


@dataclass(frozen=True)
class ShownMaterial:
    """What models were shown in addition to the code."""

    files: int
    guidelines: tuple[str, ...]
    issues: tuple[str, ...]
    checks: tuple[str, ...]
    commits: int


@dataclass(frozen=True)
class RunView:
    """A run's page. `svg` is the timeline of its calls; `lost` is why the transcript cannot be shown.

    `author_line` is about a coding agent that wrote the change, "" if no seat counts less for that.
    """

    run: RunFacts
    title: str
    heading: str
    ended: bool
    summary: str
    plan: tuple[str, ...]
    seats: tuple[SeatReport, ...]
    columns: tuple[str, ...]
    findings: tuple[FindingView, ...]
    left_out: int
    discarded: tuple[Discarded, ...]
    chosen: tuple[str, ...]
    coverage: Coverage | None
    shown: ShownMaterial | None
    svg: str
    calls: tuple[ModelCall, ...]
    usd: float
    pull_url: str
    lost: str
    criteria: tuple[CriterionResult, ...] = ()
    criteria_counts: str = ""
    author_line: str = ""

    def filters(self) -> tuple[tuple[str, int], ...]:
        """The filters with findings, and their counts."""
        counts = Counter(finding.kind for finding in self.findings) + Counter({"discarded": len(self.discarded)})
        return tuple((kind, counts[kind]) for kind in FILTERS if counts[kind])


def view(run: RunFacts, web_url: str, now: float, decided: Sequence[Disposition] = ()) -> RunView:
    """The page of a run; `web_url` is the root of GitHub's pages, `decided` are decisions about its findings."""
    verdict = apply_decisions(Verdict.model_validate_json(run.verdict), decided) if run.verdict else None
    dismissed_by = {disposition.fingerprint: disposition.login for disposition in decided}
    snapshot = Snapshot.model_validate_json(run.snapshot) if run.snapshot else None
    selection = Selection.model_validate_json(run.selection) if run.selection else None
    seats = verdict.seats if verdict else ()
    ranked = verdict.ranked if verdict else ()
    return RunView(
        run=run,
        title=run.title or f"{run.repository}#{run.number}",
        heading=heading(verdict) if verdict else _standing(run),
        ended=run.state.ended,
        summary=verdict.summary if verdict else "",
        # As in the comment, because the list shows the rest.
        plan=verdict.plan if verdict and verdict.plan_order else (),
        seats=seats,
        columns=_speaking(ranked, seats),
        findings=tuple(
            _finding(finding, verdict, (snapshot, f"{web_url}/{run.repository}"), dismissed_by.get(finding.fingerprint, ""))
            for finding in (verdict.ranked if verdict else ())[:_MOST_FINDINGS]
            if verdict
        ),
        left_out=max(0, len(ranked) - _MOST_FINDINGS),
        discarded=verdict.discarded if verdict else (),
        chosen=(verdict.chosen if verdict else ()) or (selection.reasons if selection else ()),
        coverage=verdict.coverage if verdict else None,
        shown=_shown(snapshot) if snapshot else None,
        svg=timeline(run.calls, now),
        calls=run.calls,
        usd=sum(call.usd for call in run.calls),
        pull_url=f"{web_url}/{run.repository}/pull/{run.number}",
        lost=LOST if run.lost else "",
        criteria=verdict.criteria if verdict else (),
        criteria_counts=criteria_counts(verdict.criteria) if verdict else "",
        author_line=author_sentence(snapshot, verdict) if snapshot and verdict else "",
    )


def _standing(run: RunFacts) -> str:
    if not run.state.ended:
        return f"Council: {state_name(run.state.value)}"
    return f"Council: {run.headline or run.reason or state_name(run.state.value)}"


def _finding(ranked: RankedFinding, verdict: Verdict, where: tuple[Snapshot | None, str], by: str) -> FindingView:
    location, seats, (snapshot, repository_url) = ranked.finding.location, verdict.seats, where
    columns = _speaking(verdict.ranked, seats)
    place = "the pull request" if location.path is None else location.path if location.line is None else f"{location.path}:{location.line}"
    return FindingView(
        ranked=ranked,
        kind=_KINDS.get(ranked.standing, "minor"),
        by=by if ranked.standing is ProposalStanding.DISMISSED else "",
        sure=how_sure(ranked),
        support=support(ranked, verdict),
        place=place,
        url=_url(location, snapshot, repository_url),
        cells=tuple(_cell(ranked, seat) for seat in columns),
        excerpt=excerpt(location, snapshot) if snapshot else (),
        looks=_looks_at(location.path, seats) if location.path else (),
    )


def _speaking(ranked: Sequence[RankedFinding], seats: Sequence[SeatReport]) -> tuple[str, ...]:
    """The columns of the matrix: all models, and analyzers with findings."""
    found = {name for finding in ranked for name in finding.raised_by}
    return tuple(seat.seat for seat in seats if seat.is_model or seat.seat in found)


def _looks_at(path: str, seats: Sequence[SeatReport]) -> tuple[tuple[str, LookRecord], ...]:
    return tuple((seat.seat, look) for seat in seats for look in seat.looks if _is_about(look, path))[:_MOST_LOOKS]


def _is_about(look: LookRecord, path: str) -> bool:
    return look.target.startswith(path) or any(place.startswith(f"{path}:") for place in look.shown)


def _url(location: Location, snapshot: Snapshot | None, repository_url: str) -> str:
    if snapshot is None or location.path is None:
        return ""
    sha = snapshot.head_sha if location.side is Side.RIGHT else snapshot.base_sha
    lines = "" if location.line is None else f"#L{location.start_line or location.line}"
    return f"{repository_url}/blob/{sha}/{quote(location.path, errors='replace')}{lines}"


def _cell(ranked: RankedFinding, seat: str) -> Cell:
    if seat in ranked.raised_by:
        return Cell("raised", "● found", seat)
    vote = next((vote for vote in ranked.votes if vote.seat == seat), None)
    return Cell(vote.stance.value, _SIGNS[vote.stance], seat, vote) if vote else Cell("none", "–", seat)


def excerpt(location: Location, snapshot: Snapshot) -> tuple[ExcerptLine, ...]:
    """The diff lines around a finding, with its lines marked; empty if the diff does not show them."""
    file = snapshot.file(location.path) if location.path else None
    diff = parse(file.path, file.patch) if file else None
    if diff is None or location.line is None:
        return ()
    first = location.start_line or location.line
    for hunk in diff.hunks:
        at = [n for n, row in enumerate(hunk.rows) if _stands(row, location.side, first, location.line)]
        if at:
            begin, end = max(0, at[0] - _AROUND), min(len(hunk.rows), at[-1] + _AROUND + 1, at[0] + _MOST_LINES)
            rows = enumerate(hunk.rows[begin:end], begin)
            return tuple(ExcerptLine(row.mark, row.old, row.new, row.text[:400], n in at) for n, row in rows)
    return ()


def _stands(row: Row, side: Side, first: int, last: int) -> bool:
    number = row.number(side)
    return number is not None and first <= number <= last


def _shown(snapshot: Snapshot) -> ShownMaterial:
    return ShownMaterial(
        files=len(snapshot.files),
        guidelines=tuple(guideline.path for guideline in snapshot.guidelines),
        issues=tuple(f"#{issue.number} {issue.title}" for issue in snapshot.linked_issues),
        checks=tuple(check.name for check in snapshot.failing_checks),
        commits=len(snapshot.commits),
    )
