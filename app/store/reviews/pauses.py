"""Queries on pull requests whose pushes are not reviewed, and on how many reviews ran since a person last responded."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.core import RunRow, RunState
from app.store.tables.decisions import PauseRow

_PAUSE, _RUN = sql_table(PauseRow), sql_table(RunRow)


@dataclass(frozen=True)
class Pause:
    """`login` is "" if Council itself paused it."""

    on: bool
    login: str
    at: float


async def read_pause(connection: AsyncConnection, repository_id: int, number: int) -> Pause | None:
    """The newest pause or resumption."""
    row = (await connection.execute(select(_PAUSE).where(_PAUSE.c.repository_id == repository_id, _PAUSE.c.number == number))).first()
    return None if row is None else Pause(row.on, row.login, row.at)


async def save_pause(connection: AsyncConnection, repository_id: int, number: int, pause: Pause) -> None:
    """Pause, or resume."""
    changed = {"on": pause.on, "login": pause.login, "at": pause.at}
    statement = insert_or(PauseRow, connection.dialect.name).values(repository_id=repository_id, number=number, **changed)
    await connection.execute(statement.on_conflict_do_update(index_elements=["repository_id", "number"], set_=changed))


async def pushes_reviewed(connection: AsyncConnection, repository_id: int, number: int, since: float) -> tuple[int, float]:
    """How many pushed heads were reviewed automatically since then, and when the first of those reviews began."""
    query = select(func.count(), func.min(_RUN.c.created_at)).where(
        _RUN.c.repository_id == repository_id,
        _RUN.c.number == number,
        _RUN.c.trigger == "auto",
        _RUN.c.state == RunState.PUBLISHED,
        _RUN.c.created_at > since,
    )
    count, first = (await connection.execute(query)).one()
    return count, first or 0.0
