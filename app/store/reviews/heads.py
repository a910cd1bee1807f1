"""Finds the runs of a commit in our own table of heads, because GitHub names no pull request if the head is in a fork."""

from dataclasses import dataclass

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.reviews.transcripts import transcripts_of
from app.store.tables.core import PullRequestRow, RunRow, RunState

_RUN, _PULL = sql_table(RunRow), sql_table(PullRequestRow)


@dataclass(frozen=True)
class HeadRun:
    """The newest run on the head of an open pull request. Snapshot and config are JSON, None before their step."""

    id: str
    repository_id: int
    number: int
    state: RunState
    snapshot: str | None
    config: str | None
    comment_id: int | None
    sealed: bool = False


async def runs_of_head(connection: AsyncConnection, repository_id: int, head_sha: str) -> tuple[HeadRun, ...]:
    """One run for each open pull request with this current head. Cancelled runs do not count."""
    off = (RunState.SUPERSEDED, RunState.CANCELLED)
    query = (
        select(_RUN, _PULL.c.summary_comment_id)
        .join(_PULL, (_PULL.c.repository_id == _RUN.c.repository_id) & (_PULL.c.number == _RUN.c.number))
        .where(_RUN.c.repository_id == repository_id, _RUN.c.head_sha == head_sha, _RUN.c.state.not_in(off))
        .where(_PULL.c.open.is_(True), _PULL.c.wanted_sha == head_sha)
        .order_by(_RUN.c.created_at)
    )
    return tuple({row.number: _read(connection, row) for row in await connection.execute(query)}.values())


def _read(connection: AsyncConnection, row: Row[tuple[object, ...]]) -> HeadRun:
    texts = transcripts_of(connection).texts(row.id, snapshot=row.snapshot)
    return HeadRun(
        id=row.id,
        repository_id=row.repository_id,
        number=row.number,
        state=RunState(row.state),
        snapshot=texts["snapshot"],
        config=row.config,
        comment_id=row.summary_comment_id,
        sealed=texts.sealed,
    )


async def keep_snapshot(connection: AsyncConnection, run: HeadRun, snapshot: str) -> None:
    """Store the latest snapshot of a run's head."""
    kept = transcripts_of(connection).kept(run.id, "snapshot", snapshot, sealed=run.sealed)
    await connection.execute(update(_RUN).where(_RUN.c.id == run.id).values(snapshot=kept))


async def opened_at(connection: AsyncConnection, run_id: str) -> float:
    """When a run was opened."""
    found: float = (await connection.execute(select(_RUN.c.created_at).where(_RUN.c.id == run_id))).scalar_one()
    return found
