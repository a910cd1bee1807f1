"""Settings of this whole instance: whether it has caps by default, and whether paid work is paused."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Paused
from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.core import JobRow, JobState
from app.store.tables.decisions import InstanceRow

_INSTANCE, _JOB = sql_table(InstanceRow), sql_table(JobRow)
_ID = 1
# Who paused, if it was no person on a page.
COMMAND_LINE = "command line"


@dataclass(frozen=True)
class Instance:
    """`capped` if caps apply by default (in an instance that was new when caps came). `paused_by` is a login, or "command line"."""

    capped: bool = False
    paused: bool = False
    paused_by: str = ""
    paused_at: float = 0.0


async def read_instance(connection: AsyncConnection) -> Instance:
    """The only row."""
    row = (await connection.execute(select(_INSTANCE).where(_INSTANCE.c.id == _ID))).first()
    return Instance(row.capped, row.paused, row.paused_by, row.paused_at) if row else Instance()


async def require_running(connection: AsyncConnection) -> Instance:
    """The only row. Raises Paused while paid work is paused."""
    instance = await read_instance(connection)
    if instance.paused:
        raise Paused
    return instance


async def pause_instance(connection: AsyncConnection, login: str, now: float) -> bool:
    """Stop paid work between two calls. Returns False if it is already paused."""
    return await _put(connection, {"paused": True, "paused_by": login, "paused_at": now})


async def resume_instance(connection: AsyncConnection, now: float) -> bool:
    """Resume paid work, beginning with the waiting jobs. Returns False if it was not paused."""
    resumed = await _put(connection, {"paused": False, "paused_by": "", "paused_at": 0.0})
    waiting = (_JOB.c.state == JobState.QUEUED, _JOB.c.error == str(Paused()))
    await connection.execute(update(_JOB).where(*waiting).values(run_at=now))
    return resumed


async def _put(connection: AsyncConnection, values: dict[str, object]) -> bool:
    row = {"id": _ID, "capped": False, "paused": False, "paused_by": "", "paused_at": 0.0}
    await connection.execute(insert_or(InstanceRow, connection.dialect.name).values(row).on_conflict_do_nothing())
    changes = update(_INSTANCE).where(_INSTANCE.c.id == _ID, _INSTANCE.c.paused.is_not(values["paused"])).values(**values)
    return bool((await connection.execute(changes)).rowcount)
