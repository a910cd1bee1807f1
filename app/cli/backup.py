"""`council backup` and `council restore`: the whole database as a file, and back."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app import log
from app.cli.running import run_to_end
from app.services.backup import BackupFile, Backups
from app.settings import Settings, from_environment
from app.store.key_check import fingerprint
from app.store.vault import open_vault


def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="where to write it; FILE.json next to it says what it is")]) -> None:
    """Write the database into a file, and check it. Council may run meanwhile; the master key is not in the file."""
    settings = _start()
    key = fingerprint(open_vault(settings.master_key, settings.data))
    made = run_to_end(Backups(settings).write(file, key))
    sys.stdout.write(f"{_line(made)} Keep the master key ({key}) elsewhere: without it what is sealed stays sealed.\n")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="what `council backup` wrote")],
    is_check: Annotated[bool, typer.Option("--check", help="only check the file")] = False,
    is_agreed: Annotated[bool, typer.Option("--yes", help="replace what the database holds")] = False,
) -> None:
    """Put a backup in the place of the database. The file is checked first, and no web process or worker may run."""
    settings = _start()
    if is_check:
        sys.stdout.write(f"{_line(run_to_end(Backups(settings).check(file)))}\n")
        return
    made, kept = run_to_end(Backups(settings).restore(file, replace=is_agreed))
    said = f"Restored. {_line(made)}"
    if kept is not None:
        said += f" The database before is kept as {kept}."
    key = fingerprint(open_vault(settings.master_key, settings.data))
    if made.sealed_by and made.sealed_by != key:
        said += f" It was sealed with the master key {made.sealed_by}, and this machine has {key}: bring the right one before you start."
    sys.stdout.write(f"{said}\n")


def _start() -> Settings:
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    return settings


def _line(made: BackupFile) -> str:
    return f"{made.path}: {made.kind}, schema {made.schema}, {made.size:,} bytes, whole (sha256 {made.sha256[:12]}…)."
