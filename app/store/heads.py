"""Which runs speak for a commit: our own table of heads, for GitHub names no pull request where the head is in a fork."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.statements import table
from app.store.tables import PullRequestRow, RunRow, RunState

_RUN, _PULL = table(RunRow), table(PullRequestRow)


@dataclass(frozen=True)
class HeadRun:
    """The newest run on the head of an open pull request; snapshot and config are JSON, None before their step."""

    id: str
    repository_id: int
    number: int
    state: RunState
    snapshot: str | None
    config: str | None
    comment_id: int | None


async def runs_of_head(connection: AsyncConnection, repository_id: int, head_sha: str) -> tuple[HeadRun, ...]:
    """One run for each open pull request whose head this still is; those that were called off do not count."""
    off = (RunState.SUPERSEDED, RunState.CANCELLED)
    query = (
        select(_RUN, _PULL.c.summary_comment_id)
        .join(_PULL, (_PULL.c.repository_id == _RUN.c.repository_id) & (_PULL.c.number == _RUN.c.number))
        .where(_RUN.c.repository_id == repository_id, _RUN.c.head_sha == head_sha, _RUN.c.state.not_in(off))
        .where(_PULL.c.open.is_(True), _PULL.c.wanted_sha == head_sha)
        .order_by(_RUN.c.created_at)
    )
    newest = {
        row.number: HeadRun(row.id, repository_id, row.number, RunState(row.state), row.snapshot, row.config, row.summary_comment_id)
        for row in await connection.execute(query)
    }
    return tuple(newest.values())


async def keep_snapshot(connection: AsyncConnection, run_id: str, snapshot: str) -> None:
    """Store what is now known of a run's head."""
    await connection.execute(update(_RUN).where(_RUN.c.id == run_id).values(snapshot=snapshot))


async def opened_at(connection: AsyncConnection, run_id: str) -> float:
    """When a run was opened."""
    found: float = (await connection.execute(select(_RUN.c.created_at).where(_RUN.c.id == run_id))).scalar_one()
    return found
