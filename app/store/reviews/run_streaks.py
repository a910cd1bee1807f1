"""How the last runs of a repository ended. Change here what counts as a run that could not be completed."""

from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.tables.core import RunRow, RunState

_RUN = sql_table(RunRow)
# A run that a rule or a limit ended has no headline, and does not show whether reviews work.
_FAILED = or_(_RUN.c.state == RunState.DEAD, and_(_RUN.c.state == RunState.INCOMPLETE, _RUN.c.headline != ""))
_FINISHED = _RUN.c.state == RunState.PUBLISHED


@dataclass(frozen=True)
class Streak:
    """How many of the newest runs failed in a row, up to the requested number. `last_finished` is the last run that did not fail, or ""."""

    failures: int
    last_finished: str


async def read_streak(connection: AsyncConnection, repository_id: int, most: int) -> Streak:
    """The repository's current streak, with the caller's own changes."""
    mine = _RUN.c.repository_id == repository_id
    newest = _RUN.c.updated_at.desc(), _RUN.c.id.desc()
    query = select(_RUN.c.state).where(mine, or_(_FAILED, _FINISHED)).order_by(*newest).limit(most)
    states = list((await connection.execute(query)).scalars())
    failures = next((at for at, state in enumerate(states) if state == RunState.PUBLISHED), len(states))
    last = (await connection.execute(select(_RUN.c.id).where(mine, _FINISHED).order_by(*newest).limit(1))).scalar()
    return Streak(failures, last or "")


async def last_config(connection: AsyncConnection, repository_id: int) -> str | None:
    """The settings of the newest run that got far enough to read any, as JSON."""
    query = select(_RUN.c.config).where(_RUN.c.repository_id == repository_id, _RUN.c.config.is_not(None))
    found: str | None = (await connection.execute(query.order_by(_RUN.c.updated_at.desc()).limit(1))).scalar()
    return found
