"""What holds for this whole instance: whether it has caps by default, and whether paid work is paused."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Paused
from app.store.decision_tables import InstanceRow
from app.store.statements import insert, table
from app.store.tables import JobRow, JobState

_INSTANCE, _JOB = table(InstanceRow), table(JobRow)
_ID = 1
# Who paused where it was no person on a page.
COMMAND_LINE = "command line"


@dataclass(frozen=True)
class Instance:
    """`capped` where caps hold by default (an instance that is new with them); `paused_by` is a login, or "command line"."""

    capped: bool = False
    paused: bool = False
    paused_by: str = ""
    paused_at: float = 0.0


async def read(connection: AsyncConnection) -> Instance:
    """The only row."""
    row = (await connection.execute(select(_INSTANCE).where(_INSTANCE.c.id == _ID))).first()
    return Instance(row.capped, row.paused, row.paused_by, row.paused_at) if row else Instance()


async def require_running(connection: AsyncConnection) -> Instance:
    """The same; raises Paused while nothing that costs may begin."""
    found = await read(connection)
    if found.paused:
        raise Paused
    return found


async def pause(connection: AsyncConnection, login: str, now: float) -> bool:
    """Stop paid work between two calls; False where it is paused already."""
    return await _put(connection, {"paused": True, "paused_by": login, "paused_at": now})


async def resume(connection: AsyncConnection, now: float) -> bool:
    """Let paid work go on, beginning with what waits for it; False where it was not paused."""
    resumed = await _put(connection, {"paused": False, "paused_by": "", "paused_at": 0.0})
    waiting = (_JOB.c.state == JobState.QUEUED, _JOB.c.error == str(Paused()))
    await connection.execute(update(_JOB).where(*waiting).values(run_at=now))
    return resumed


async def _put(connection: AsyncConnection, values: dict[str, object]) -> bool:
    row = {"id": _ID, "capped": False, "paused": False, "paused_by": "", "paused_at": 0.0}
    await connection.execute(insert(InstanceRow, connection.dialect.name).values(row).on_conflict_do_nothing())
    changes = update(_INSTANCE).where(_INSTANCE.c.id == _ID, _INSTANCE.c.paused.is_not(values["paused"])).values(**values)
    return bool((await connection.execute(changes)).rowcount)
