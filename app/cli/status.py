"""`council status`: where the review of a pull request stands, by this server's own store; for scripts."""

import asyncio
import json
import re
import sys
import time
from dataclasses import asdict
from typing import Annotated

import typer

from app import log
from app.cli.running import run_to_end
from app.errors import UserError
from app.reporters.status_text import status_line
from app.settings import from_environment
from app.store.database import open_database
from app.store.pull_status import PullStatus, Stage, repository_named, status_of

_PLACE = re.compile(r"([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)#(\d{1,9})")
_STEP = 2.0


def status(
    pull_request: Annotated[str, typer.Argument(metavar="OWNER/REPO#N", help="the pull request")],
    wait: Annotated[bool, typer.Option("--wait", help="until the review ended")] = False,
    timeout: Annotated[float, typer.Option("--timeout", min=0.0, help="with --wait, the most seconds")] = 900.0,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Say whether the newest commit of a pull request was reviewed, and why not. Exit 0: reviewed; 2: not."""
    place = _PLACE.fullmatch(pull_request)
    if place is None:
        raise UserError(f"{pull_request!r} is no pull request: write owner/repo#12")
    found = run_to_end(_found(place[1], int(place[2]), time.monotonic() + (timeout if wait else 0.0)))
    if as_json:
        sys.stdout.write(json.dumps({"repository": place[1], "number": int(place[2]), **asdict(found)}, indent=2) + "\n")
    else:
        sys.stdout.write(status_line(found).replace("`", "") + "\n")
    raise typer.Exit(0 if found.stage is Stage.REVIEWED else 2)


async def _found(full_name: str, number: int, until: float) -> PullStatus:
    """The status when it is an end, or when the time is over."""
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    database = open_database(settings.database_url, settings.data, settings.master_key)
    try:
        await database.migrate()
        while True:
            async with database.read() as connection:
                repository_id = await repository_named(connection, full_name)
                found = await status_of(connection, repository_id, number) if repository_id else None
            if found is None:
                raise UserError(f"this server has not heard of {full_name}: is the App installed there?")
            left = until - time.monotonic()
            # With --wait a pull request that nobody heard of yet may have a delivery on its way.
            if left <= 0 or (found.stage.ended and found.stage is not Stage.UNKNOWN):
                return found
            await asyncio.sleep(min(_STEP, left))
    finally:
        await database.close()
