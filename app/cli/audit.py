"""`council audit`: whether the log of what was done with privilege is still what was written."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from app import log
from app.cli.running import run_to_end
from app.settings import from_environment
from app.store import audit
from app.store.audit import Verified
from app.store.database import open_database

app = typer.Typer(help="Check the audit log.", no_args_is_help=True)


@app.callback()
def about() -> None:
    """Check the audit log."""


@app.command()
def verify(as_json: Annotated[bool, typer.Option("--json", help="print the result as JSON")] = False) -> None:
    """Walk the whole chain. Exit 1 with the number of the first event that is missing or was changed."""
    found = run_to_end(_verified())
    if as_json:
        sys.stdout.write(json.dumps(asdict(found)) + "\n")
        raise typer.Exit(found.broken is not None)
    console = Console()
    if found.broken is None:
        console.print(f"The audit log is intact: {found.events:,} {'event' if found.events == 1 else 'events'}.", highlight=False)
        return
    what = "is missing" if found.missing else "is not as it was written"
    said = f"The audit log is broken: event {found.broken} {what}; {found.events:,} before it are intact."
    console.print(said, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


async def _verified() -> Verified:
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
    try:
        await database.migrate()
        async with database.read() as connection:
            return await audit.verify(connection)
    finally:
        await database.close()
