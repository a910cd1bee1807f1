"""A run as its page shows it: a pure view of what is stored."""

from dataclasses import dataclass
from urllib.parse import quote

from app.reporters.support_text import support
from app.reporters.words import MARKS, heading, how_sure
from app.store.run_page import Call, RunFacts
from app.store.transcripts import LOST
from app.web.views.timeline import timeline
from reviewers.context.diff import Row, parse
from reviewers.context.snapshot import Snapshot
from reviewers.council.selection import Selection
from reviewers.finding import Discarded, Location, Side
from reviewers.verdict import Coverage, RankedFinding, SeatReport, Stance, Unseen, Verdict

_AROUND = 4
_MOST_FINDINGS, _MOST_LINES = 40, 24
_SIGNS = {Stance.CONFIRM: "✓ confirms", Stance.REJECT: "✗ rejects", Stance.UNSURE: "? unsure"}


@dataclass(frozen=True)
class Cell:
    """What one seat did with one finding; `kind` is raised, confirm, reject, unsure or none."""

    kind: str
    sign: str


@dataclass(frozen=True)
class Line:
    """One line of a diff excerpt; `anchored` where the finding stands."""

    mark: str
    old: int | None
    new: int | None
    text: str
    anchored: bool


@dataclass(frozen=True)
class FindingView:
    """A finding with its row of the matrix, its critiques and the code it is about."""

    ranked: RankedFinding
    mark: str
    sure: str
    support: str
    place: str
    url: str
    cells: tuple[Cell, ...]
    excerpt: tuple[Line, ...]


@dataclass(frozen=True)
class Shown:
    """What models were shown besides the code."""

    files: int
    guidelines: tuple[str, ...]
    issues: tuple[str, ...]
    checks: tuple[str, ...]
    commits: int


@dataclass(frozen=True)
class RunView:
    """A page's worth of a run; `svg` is the timeline of its calls, `lost` why what was said cannot be shown."""

    run: RunFacts
    title: str
    heading: str
    ended: bool
    summary: str
    plan: tuple[str, ...]
    seats: tuple[SeatReport, ...]
    findings: tuple[FindingView, ...]
    left_out: int
    discarded: tuple[Discarded, ...]
    chosen: tuple[str, ...]
    coverage: Coverage | None
    shown: Shown | None
    svg: str
    calls: tuple[Call, ...]
    usd: float
    pull_url: str
    lost: str


def view(run: RunFacts, web_url: str, now: float) -> RunView:
    """The page of a run; `web_url` is where GitHub's pages are."""
    verdict = Verdict.model_validate_json(run.verdict) if run.verdict else None
    snapshot = Snapshot.model_validate_json(run.snapshot) if run.snapshot else None
    selection = Selection.model_validate_json(run.selection) if run.selection else None
    seats = verdict.seats if verdict else ()
    return RunView(
        run=run,
        title=run.title or f"{run.repository}#{run.number}",
        heading=heading(verdict) if verdict else _standing(run),
        ended=run.state.ended,
        summary=verdict.summary if verdict else "",
        plan=verdict.plan if verdict else (),
        seats=seats,
        findings=_findings(verdict, snapshot, f"{web_url}/{run.repository}") if verdict else (),
        left_out=max(0, len(verdict.ranked) - _MOST_FINDINGS) if verdict else 0,
        discarded=verdict.discarded if verdict else (),
        chosen=(verdict.chosen if verdict else ()) or (selection.reasons if selection else ()),
        coverage=verdict.coverage if verdict else None,
        shown=_shown(snapshot) if snapshot else None,
        svg=timeline(run.calls, now),
        calls=run.calls,
        usd=sum(call.usd for call in run.calls),
        pull_url=f"{web_url}/{run.repository}/pull/{run.number}",
        lost=LOST if run.lost else "",
    )


def _standing(run: RunFacts) -> str:
    if not run.state.ended:
        return f"Council · {run.state.value}"
    return f"Council · {run.headline or run.reason or run.state.value}"


def _findings(verdict: Verdict, snapshot: Snapshot | None, repository_url: str) -> tuple[FindingView, ...]:
    return tuple(_finding(ranked, verdict, snapshot, repository_url) for ranked in verdict.ranked[:_MOST_FINDINGS])


def _finding(ranked: RankedFinding, verdict: Verdict, snapshot: Snapshot | None, repository_url: str) -> FindingView:
    location = ranked.finding.location
    place = "the pull request" if location.path is None else location.path if location.line is None else f"{location.path}:{location.line}"
    return FindingView(
        ranked=ranked,
        mark=MARKS[ranked.finding.severity],
        sure=how_sure(ranked),
        support=support(ranked, verdict),
        place=place,
        url=_url(location, snapshot, repository_url),
        cells=tuple(_cell(ranked, seat.seat) for seat in verdict.seats),
        excerpt=excerpt(location, snapshot) if snapshot else (),
    )


def _url(location: Location, snapshot: Snapshot | None, repository_url: str) -> str:
    if snapshot is None or location.path is None:
        return ""
    sha = snapshot.head_sha if location.side is Side.RIGHT else snapshot.base_sha
    lines = "" if location.line is None else f"#L{location.start_line or location.line}"
    return f"{repository_url}/blob/{sha}/{quote(location.path, errors='replace')}{lines}"


def _cell(ranked: RankedFinding, seat: str) -> Cell:
    if seat in ranked.raised_by:
        return Cell("raised", "● raised")
    vote = next((vote for vote in ranked.votes if vote.seat == seat), None)
    return Cell(vote.stance.value, _SIGNS[vote.stance]) if vote else Cell("none", "–")


def excerpt(location: Location, snapshot: Snapshot) -> tuple[Line, ...]:
    """The lines of the diff around a finding, its own marked; none where the diff does not show it."""
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
            return tuple(Line(row.mark, row.old, row.new, row.text[:400], n in at) for n, row in rows)
    return ()


def _stands(row: Row, side: Side, first: int, last: int) -> bool:
    number = row.number(side)
    return number is not None and first <= number <= last


def _shown(snapshot: Snapshot) -> Shown:
    return Shown(
        files=len(snapshot.files),
        guidelines=tuple(each.path for each in snapshot.guidelines),
        issues=tuple(f"#{each.number} {each.title}" for each in snapshot.linked_issues),
        checks=tuple(each.name for each in snapshot.failing_checks),
        commits=len(snapshot.commits),
    )


def unseen(coverage: Coverage) -> tuple[Unseen, ...]:
    """What some or all seats were not shown."""
    return (*coverage.unseen, *coverage.dropped)
