"""What is stored of one pull request: its runs, and the state of every finding over all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.reviews import run_list
from app.store.reviews.run_list import RunSummary
from app.store.reviews.transcripts import LOST, Transcripts, transcripts_of
from app.store.tables.core import FindingRow, RunRow, RunState
from app.store.tables.decisions import DispositionRow
from reviewers.learning.feedback import Decision
from reviewers.values.finding import Severity
from reviewers.values.verdict import ProposalStanding

_RUN, _FINDING, _DISPOSITION = sql_table(RunRow), sql_table(FindingRow), sql_table(DispositionRow)
_MOST_RUNS, _MOST_FINDINGS, _MOST_ROWS = 100, 100, 2_000
_VERDICTS = frozenset({RunState.PUBLISHED, RunState.INCOMPLETE})
_OPEN = (ProposalStanding.RECOMMENDED, ProposalStanding.UNCONFIRMED)
FIXED, DISMISSED = "fixed", "dismissed"
# The order of the list of findings.
_ORDER = (*(str(standing) for standing in (*_OPEN, ProposalStanding.DISPUTED)), DISMISSED, FIXED)
_SEVERITIES = tuple(Severity)


@dataclass(frozen=True)
class PullFinding:
    """A finding in one line. `place` is a path with its line, "" for the whole pull request.

    `standing` is that of the newest verdict with the finding, "fixed" if a later verdict lacks it, or "dismissed". `run` is the newest run
    with the finding, `first` the first one; `by` is who dismissed it.
    """

    short_id: str
    title: str
    severity: Severity
    standing: str
    place: str
    run: RunSummary
    first: RunSummary
    by: str = ""


@dataclass(frozen=True)
class PullRuns:
    """Runs, newest first; `more` if earlier ones are left out. `found_by` is the run of the newest verdict, or None."""

    runs: tuple[RunSummary, ...]
    more: bool = False
    found_by: RunSummary | None = None
    findings: tuple[PullFinding, ...] = ()

    def count(self, *standings: str) -> int:
        """How many findings are in one of these states."""
        return sum(finding.standing in standings for finding in self.findings)


async def runs_of(connection: AsyncConnection, repository_id: int, number: int) -> PullRuns:
    """The runs of a pull request, and the findings that people were shown in all its verdicts."""
    # Sorted here: with ORDER BY, SQLite scans the whole repository's list instead of the pull request's own index.
    query = select(_RUN.c.created_at, _RUN.c.id).where(_RUN.c.repository_id == repository_id, _RUN.c.number == number)
    ids = [str(row.id) for row in sorted(await connection.execute(query), key=lambda row: (row.created_at, row.id), reverse=True)]
    runs = await run_list.lines(connection, ids[:_MOST_RUNS])
    verdicts = [run for run in runs if run.state in _VERDICTS and run.headline]
    findings = await _findings(connection, verdicts) if verdicts else ()
    return PullRuns(runs, len(ids) > _MOST_RUNS, verdicts[0] if verdicts else None, findings)


async def _findings(connection: AsyncConnection, verdicts: Sequence[RunSummary]) -> tuple[PullFinding, ...]:
    """The findings to fix first, and the most severe of them first. `verdicts` are newest first."""
    place = (verdicts[0].repository_id, verdicts[0].number)
    where = (_FINDING.c.repository_id == place[0], _FINDING.c.number == place[1])
    rows = (await connection.execute(select(_FINDING).where(*where).limit(_MOST_ROWS))).all()
    decided = (_DISPOSITION.c.repository_id == place[0], _DISPOSITION.c.number == place[1], _DISPOSITION.c.kind == Decision.DISMISSED)
    query = select(_DISPOSITION.c.fingerprint, _DISPOSITION.c.login).where(*decided)
    dismissed = {str(row.fingerprint): str(row.login) for row in await connection.execute(query)}
    history: dict[str, list[Row[tuple[object, ...]]]] = {}
    ages = {run.id: age for age, run in enumerate(verdicts)}
    for row in sorted((row for row in rows if row.run_id in ages), key=lambda row: ages[row.run_id]):
        history.setdefault(row.fingerprint, []).append(row)
    door, runs = transcripts_of(connection), {run.id: run for run in verdicts}
    lines = (_line(door, runs, seen, (verdicts[0].id, dismissed)) for seen in history.values())
    return tuple(_ordered(line for line in lines if line.standing in _ORDER))[:_MOST_FINDINGS]


def _line(
    door: Transcripts, runs: dict[str, RunSummary], seen: Sequence[Row[tuple[object, ...]]], now: tuple[str, dict[str, str]]
) -> PullFinding:
    """One finding from its rows, newest first. `now` is the run of the newest verdict and who dismissed what."""
    row, (newest_run, dismissed) = seen[0], now
    standing = str(row.standing)
    if row.fingerprint in dismissed:
        standing = DISMISSED
    elif row.run_id != newest_run and standing in _OPEN:
        standing = FIXED
    elif row.run_id != newest_run:
        # A finding that was only disputed or minor before, and is gone, is no news.
        standing = ""
    return PullFinding(
        short_id=row.short_id,
        title=door.texts(row.run_id, title=row.title)["title"] or LOST,
        severity=Severity(row.severity),
        standing=standing,
        place=row.path if row.line is None else f"{row.path}:{row.line}",
        run=runs[row.run_id],
        first=runs[seen[-1].run_id],
        by=dismissed.get(row.fingerprint, ""),
    )


def _ordered(findings: Iterable[PullFinding]) -> list[PullFinding]:
    return sorted(findings, key=lambda each: (_ORDER.index(each.standing), _SEVERITIES.index(each.severity), each.short_id))
