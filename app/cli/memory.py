"""`council memory`: export or delete the stored consultations of a repository."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncConnection

from app import log
from app.cli.running import run_to_end
from app.configuration.settings import from_environment
from app.errors import UserError
from app.reporters.text.markdown import plural
from app.store.deletion import forget_consultations
from app.store.engine.database import Database, open_database
from app.store.questions import memory_export

app = typer.Typer(help="Export or delete what the council remembers about a repository.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="REPOSITORY", help="owner/name, or the folder name of a local repository")]


@app.command()
def export(repository: Name) -> None:
    """Print every consultation, one JSON object per line: question, answer, each expert's answer, and feedback."""
    for row in run_to_end(_exported(repository)):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


@app.command()
def forget(repository: Name, yes: Annotated[bool, typer.Option("--yes", help="do not ask for confirmation")] = False) -> None:
    """Delete every consultation of a repository with its answers. This cannot be undone."""
    console = Console(stderr=True)
    if not yes and not typer.confirm(f"Delete everything the council remembers about {repository}?", err=True):
        raise typer.Exit(1)
    count = run_to_end(_forgotten(repository))
    console.print(f"Deleted {plural(count, 'consultation')} of {repository}.", highlight=False)


def _open() -> Database:
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    return open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)


async def _exported(name: str) -> list[dict[str, object]]:
    database = _open()
    try:
        await database.migrate()
        async with database.read() as connection:
            return [each for found in await _named(connection, name) for each in await memory_export.export_all(connection, found)]
    finally:
        await database.close()


async def _forgotten(name: str) -> int:
    database = _open()
    try:
        await database.migrate()
        async with database.write() as connection:
            return sum([await forget_consultations.forget_repository(connection, each) for each in await _named(connection, name)])
    finally:
        await database.close()


async def _named(connection: AsyncConnection, name: str) -> list[int]:
    ids = await memory_export.repositories_named(connection, name)
    if not ids:
        raise UserError(f"nothing is stored about {name}")
    return ids
