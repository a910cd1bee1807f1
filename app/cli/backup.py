"""`council backup` and `council restore`: write the whole database to a file, and restore it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app import log
from app.cli.running import run_to_end
from app.configuration.settings import Settings, from_environment
from app.operations.backup import BackupFile, Backups
from app.store.security.key_check import fingerprint
from app.store.security.vault import open_vault


def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="the file to write; FILE.json next to it describes it")]) -> None:
    """Write the database to a file and check the file. Council can keep running; the master key is not in the file."""
    settings = _start()
    key = fingerprint(open_vault(settings.master_key, settings.data))
    made = run_to_end(Backups(settings).write(file, key))
    sys.stdout.write(f"{_line(made)} Store the master key ({key}) somewhere else: without it, encrypted values cannot be read.\n")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="a file that `council backup` wrote")],
    is_check: Annotated[bool, typer.Option("--check", help="only check the file")] = False,
    is_agreed: Annotated[bool, typer.Option("--yes", help="replace the contents of the database")] = False,
) -> None:
    """Replace the database with a backup. The file is checked first. Stop every web process and worker before."""
    settings = _start()
    if is_check:
        sys.stdout.write(f"{_line(run_to_end(Backups(settings).check(file)))}\n")
        return
    made, kept = run_to_end(Backups(settings).restore(file, replace=is_agreed))
    said = f"Restored. {_line(made)}"
    if kept is not None:
        said += f" The previous database is kept as {kept}."
    key = fingerprint(open_vault(settings.master_key, settings.data))
    if made.sealed_by and made.sealed_by != key:
        said += (
            f" It was encrypted with the master key {made.sealed_by}, but this machine has {key}: install the right key before you start."
        )
    sys.stdout.write(f"{said}\n")


def _start() -> Settings:
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    return settings


def _line(made: BackupFile) -> str:
    return f"{made.path}: {made.kind}, schema {made.schema}, {made.size:,} bytes, complete (sha256 {made.sha256[:12]}…)."
