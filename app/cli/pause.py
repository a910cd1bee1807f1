"""`council pause --all` and `council resume --all`: pause and resume all paid work on this server."""

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app import log
from app.cli.running import run_to_end
from app.clock import now
from app.configuration.settings import from_environment
from app.errors import UserError
from app.store import instance
from app.store.engine.database import open_database
from app.store.security import audit

_WHO = instance.COMMAND_LINE
_ALL = "add --all to {0} all paid work on this server; to {0} one pull request, comment `/council {0}` on it"
All = Annotated[bool, typer.Option("--all", help="all paid work on this server")]


def pause(everything: All = False) -> None:
    """Pause all paid work on this server. Calls in progress end first; deliveries are still recorded, and checks say so."""
    if not everything:
        raise UserError(_ALL.format("pause"))
    changed = run_to_end(_change("paid work paused", lambda connection: instance.pause_instance(connection, _WHO, now())))
    sys.stdout.write("Paid work is paused. `council resume --all` resumes it.\n" if changed else "Paid work is already paused.\n")


def resume(everything: All = False) -> None:
    """Resume paid work on this server, starting with waiting jobs."""
    if not everything:
        raise UserError(_ALL.format("resume"))
    changed = run_to_end(_change("paid work resumed", lambda connection: instance.resume_instance(connection, now())))
    sys.stdout.write("Paid work is resumed.\n" if changed else "Paid work was not paused.\n")


async def _change(action: str, change: Callable[[AsyncConnection], Awaitable[bool]]) -> bool:
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
    try:
        await database.migrate()
        async with database.write() as connection:
            changed = await change(connection)
            if changed:
                await audit.record_event(connection, audit.Event(now(), _WHO, "", action, "instance"))
        return changed
    finally:
        await database.close()
