"""`council status`: show from this server's database how far a review is and whether paid work is paused."""

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Never

import typer

from app import log
from app.cli.running import run_to_end
from app.configuration.settings import Settings, from_environment
from app.errors import UserError
from app.reporters.text.status_text import pause_line, status_line
from app.store import instance
from app.store.engine.database import Database, open_database
from app.store.reviews.pull_status import PullStatus, Stage, repository_named, status_of

_PLACE = re.compile(r"([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)#(\d{1,9})")
_STEP = 2.0


def status(
    pull_request: Annotated[
        str, typer.Argument(metavar="OWNER/REPO#N", help="the pull request; without one, show whether this server is paused")
    ] = "",
    wait: Annotated[bool, typer.Option("--wait", help="wait until the review has ended")] = False,
    timeout: Annotated[float, typer.Option("--timeout", min=0.0, help="with --wait: the most seconds to wait")] = 900.0,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Show whether the newest commit of a pull request was reviewed, and if not, why. Exit 0: reviewed or not paused, 2: otherwise."""
    if not pull_request:
        _say_server(as_json)
    name, number = find_pull_request(pull_request)
    pull_status, paused = run_to_end(_found(name, number, time.monotonic() + (timeout if wait else 0.0)))
    if as_json:
        told = {"repository": name, "number": number, **asdict(pull_status), "paused": paused}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        sys.stdout.write("".join(said.replace("`", "") + "\n" for said in (status_line(pull_status), paused) if said))
    raise typer.Exit(0 if pull_status.stage is Stage.REVIEWED else 2)


def find_pull_request(place: str) -> tuple[str, int]:
    """The repository's full name and the number in "owner/repo#12". Raises UserError."""
    match = _PLACE.fullmatch(place)
    if match is None:
        raise UserError(f"{place!r} is not a pull request; write owner/repo#12")
    return match[1], int(match[2])


def _say_server(as_json: bool) -> Never:
    """Print whether paid work on this server is paused, and exit."""
    paused = run_to_end(_server())
    text = json.dumps({"paused": paused}, indent=2) if as_json else (paused or "Paid work on this server is not paused.").replace("`", "")
    sys.stdout.write(text + "\n")
    raise typer.Exit(2 if paused else 0)


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Database]:
    """This server's database, migrated to the current schema."""
    log.set_up(as_json=False, secrets=settings.secrets)
    database = open_database(settings.database_url, settings.data, settings.master_key)
    try:
        await database.migrate()
        yield database
    finally:
        await database.close()


async def _server() -> str:
    async with open_store(from_environment()) as database, database.read() as connection:
        return pause_line(await instance.read_instance(connection))


async def _found(full_name: str, number: int, until: float) -> tuple[PullStatus, str]:
    """The status once it is final or the time is up, and the line about a pause."""
    async with open_store(from_environment()) as database:
        while True:
            async with database.read() as connection:
                repository_id = await repository_named(connection, full_name)
                pull_status = await status_of(connection, repository_id, number) if repository_id else None
                paused = pause_line(await instance.read_instance(connection))
            if pull_status is None:
                raise UserError(f"this server does not know {full_name}; is the App installed on it?")
            left = until - time.monotonic()
            # With --wait, a delivery about an unknown pull request may still arrive.
            if left <= 0 or (pull_status.stage.ended and pull_status.stage is not Stage.UNKNOWN):
                return pull_status, paused
            await asyncio.sleep(min(_STEP, left))
