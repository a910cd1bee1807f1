"""`council audit`: check that nobody changed the audit log."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from app import log
from app.cli.running import run_to_end
from app.configuration.settings import from_environment
from app.store.engine.database import open_database
from app.store.security import audit
from app.store.security.audit import Verified

app = typer.Typer(help="Check the audit log.", no_args_is_help=True)


@app.callback()
def about() -> None:
    """Check the audit log."""


@app.command()
def verify(as_json: Annotated[bool, typer.Option("--json", help="print the result as JSON")] = False) -> None:
    """Verify the whole chain of events. Exit 0: intact, 1: an event is missing or was changed; its number is printed."""
    found = run_to_end(_verified())
    if as_json:
        sys.stdout.write(json.dumps(asdict(found)) + "\n")
        raise typer.Exit(found.broken is not None)
    console = Console()
    if found.broken is None:
        console.print(f"The audit log is intact: {found.events:,} {'event' if found.events == 1 else 'events'}.", highlight=False)
        return
    what = "is missing" if found.missing else "was changed"
    said = f"The audit log is broken: event {found.broken} {what}; the {found.events:,} before it are intact."
    console.print(said, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


async def _verified() -> Verified:
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
    try:
        await database.migrate()
        async with database.read() as connection:
            return await audit.verify_log(connection)
    finally:
        await database.close()
