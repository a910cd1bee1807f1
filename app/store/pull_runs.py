"""What is kept of one pull request: its runs, and what the newest verdict on it found."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import run_list
from app.store.run_list import Line
from app.store.statements import table
from app.store.tables import FindingRow, RunRow, RunState
from app.store.transcripts import LOST, transcripts_of
from reviewers.finding import Severity
from reviewers.verdict import Standing

_RUN, _FINDING = table(RunRow), table(FindingRow)
_MOST_RUNS, _MOST_FINDINGS = 100, 100
_SHOWN = tuple(standing.value for standing in (Standing.RECOMMENDED, Standing.UNCONFIRMED, Standing.DISPUTED))
_ORDER = tuple(Severity)


@dataclass(frozen=True)
class PullFinding:
    """A finding in one line; `place` is a path with its line, "" for the whole pull request."""

    short_id: str
    title: str
    severity: Severity
    standing: str
    place: str


@dataclass(frozen=True)
class PullRuns:
    """Runs, newest first, `more` where earlier ones are left out; `findings` are those of `found_by`, a run among them or None."""

    runs: tuple[Line, ...]
    more: bool = False
    found_by: Line | None = None
    findings: tuple[PullFinding, ...] = ()


async def runs_of(connection: AsyncConnection, repository_id: int, number: int) -> PullRuns:
    """The runs of a pull request, and what people were shown of the newest verdict."""
    newest = select(_RUN.c.id).where(_RUN.c.repository_id == repository_id, _RUN.c.number == number)
    query = newest.order_by(_RUN.c.created_at.desc(), _RUN.c.id.desc()).limit(_MOST_RUNS + 1)
    ids = [str(run_id) for run_id in (await connection.execute(query)).scalars()]
    runs = await run_list.lines(connection, ids[:_MOST_RUNS])
    found_by = next((run for run in runs if run.state in {RunState.PUBLISHED, RunState.INCOMPLETE} and run.headline), None)
    findings = await _findings(connection, found_by.id) if found_by else ()
    return PullRuns(runs, len(ids) > _MOST_RUNS, found_by, findings)


async def _findings(connection: AsyncConnection, run_id: str) -> tuple[PullFinding, ...]:
    """Those to fix first, and the most severe of them first."""
    rows = (await connection.execute(select(_FINDING).where(_FINDING.c.run_id == run_id, _FINDING.c.standing.in_(_SHOWN)))).all()
    rows = sorted(rows, key=lambda row: (_SHOWN.index(row.standing), _ORDER.index(Severity(row.severity)), -row.confidence, row.short_id))
    door = transcripts_of(connection)
    return tuple(
        PullFinding(
            short_id=row.short_id,
            title=door.texts(run_id, title=row.title)["title"] or LOST,
            severity=Severity(row.severity),
            standing=row.standing,
            place=row.path if row.line is None else f"{row.path}:{row.line}",
        )
        for row in rows[:_MOST_FINDINGS]
    )
