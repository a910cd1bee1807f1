"""Backs up and restores the database: change here what is checked before and after, and what a backup's label contains."""

import asyncio
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from app.configuration.settings import Settings, program_environment
from app.errors import UserError
from app.store.engine.database import Database, newest_revision, open_database, sqlite_file
from app.store.engine.in_use import find_user
from app.store.engine.postgres_backup import MAGIC as PG_MAGIC
from app.store.engine.postgres_backup import PostgresTools, drop_tables
from app.store.engine.postgres_url import is_postgres
from app.store.engine.sqlite_backup import MAGIC as SQLITE_MAGIC
from app.store.engine.sqlite_backup import check_sqlite, copy_sqlite, replace_sqlite

_CHUNK = 1 << 20


@dataclass(frozen=True)
class BackupFile:
    """A checked backup. `kind` is "sqlite" or "postgresql", `schema` its revision, `size` in bytes, `sealed_by` its key's fingerprint."""

    path: Path
    kind: str
    schema: str
    size: int
    sha256: str
    sealed_by: str = ""

    @property
    def label(self) -> Path:
        """The file that describes this backup."""
        return self.path.with_name(f"{self.path.name}.json")


@dataclass(frozen=True)
class Backups:
    """The backups of one instance's database."""

    settings: Settings

    async def write(self, path: Path, fingerprint: str) -> BackupFile:
        """Write a backup and its label, and check it. The file appears only when it is complete."""
        _require_free(path)
        part = path.with_name(f".{path.name}.part")
        try:
            if self._is_postgres:
                os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
                await self._tools.dump(part)
            else:
                await asyncio.to_thread(copy_sqlite, self._sqlite_file(), part)
            file = await self._inspect(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        file = BackupFile(path, file.kind, file.schema, file.size, file.sha256, fingerprint)
        about = {"kind": file.kind, "schema": file.schema, "size": file.size, "sha256": file.sha256, "sealed_by": fingerprint}
        file.label.write_text(json.dumps(about, indent=1) + "\n")
        return file

    async def check(self, path: Path) -> BackupFile:
        """The backup, if it is undamaged, of this kind of database, and of a schema that this version knows."""
        file = await self._inspect(path)
        wanted = "postgresql" if self._is_postgres else "sqlite"
        if file.kind != wanted:
            raise UserError(f"{path} is a backup of {file.kind}, but this instance uses {wanted}; set DATABASE_URL to the right database")
        if file.schema > newest_revision():
            raise UserError(
                f"{path} has the schema {file.schema}, but this version of Council knows only {newest_revision()}; update Council first"
            )
        about = _read_label(file)
        if about and about.get("sha256") != file.sha256:
            raise UserError(f"{path} does not match {file.label.name}: it was changed or damaged after it was written")
        return BackupFile(path, file.kind, file.schema, file.size, file.sha256, str(about.get("sealed_by", "")))

    async def restore(self, path: Path, *, replace: bool) -> tuple[BackupFile, Path | None]:
        """Restore a checked backup if no process uses the database. Returns it, and the path of the previous SQLite database."""
        backup = await self.check(path)
        await self.require_unused()
        if not replace and await self._holds_something():
            raise UserError("this replaces the whole contents of the database; repeat the command with --yes")
        if not self._is_postgres:
            return backup, await asyncio.to_thread(replace_sqlite, path, self._sqlite_file())
        await self._tools.restore(path)
        held = await self._tools.check(path)
        database = self._open()
        try:
            await drop_tables(database, but=held)
        finally:
            await database.close()
        return backup, None

    async def require_unused(self) -> None:
        """Raise UserError if a process uses the database, or its schema is newer."""
        if not self._is_postgres and not self._sqlite_file().exists():
            return
        if user := await find_user(self.settings.database_url, self.settings.data, self._open):
            raise UserError(f"{user} uses this database: stop every web process and worker first")
        database = self._open()
        try:
            revision = await database.revision()
        finally:
            await database.close()
        if revision > newest_revision():
            raise UserError(
                f"the database has the schema {revision}, but this version of Council knows only {newest_revision()}: update Council first"
            )

    @property
    def _is_postgres(self) -> bool:
        return is_postgres(self.settings.database_url)

    @property
    def _tools(self) -> PostgresTools:
        return PostgresTools(self.settings.database_url, program_environment())

    def _open(self) -> Database:
        return open_database(self.settings.database_url, self.settings.data, self.settings.master_key, pool=1)

    def _sqlite_file(self) -> Path:
        return sqlite_file(self.settings.database_url, self.settings.data)

    async def _inspect(self, path: Path) -> BackupFile:
        begin, size = _look_at(path)
        if begin == SQLITE_MAGIC:
            kind, schema = "sqlite", await asyncio.to_thread(check_sqlite, path)
        elif begin.startswith(PG_MAGIC):
            if missing := {"alembic_version", "job", "run"} - await self._tools.check(path):
                raise UserError(f"{path} is not a backup of Council: these tables are missing: {', '.join(sorted(missing))}")
            kind, schema = "postgresql", await self._tools.revision(path)
        else:
            raise UserError(f"{path} is not a backup of Council")
        return BackupFile(path, kind, schema, size, await asyncio.to_thread(_digest, path))

    async def _holds_something(self) -> bool:
        database = self._open()
        try:
            return bool(await database.revision())
        finally:
            await database.close()


def _require_free(path: Path) -> None:
    if path.exists():
        raise UserError(f"{path} already exists; use another name")
    if not path.absolute().parent.is_dir():
        raise UserError(f"the folder {path.absolute().parent} does not exist")


def _look_at(path: Path) -> tuple[bytes, int]:
    """The first bytes of a file, and its size."""
    if not path.is_file():
        raise UserError(f"{path} does not exist")
    with path.open("rb") as file:
        return file.read(16), path.stat().st_size


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _read_label(backup: BackupFile) -> dict[str, object]:
    try:
        about = json.loads(backup.label.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise UserError(f"{backup.label} cannot be read; remove it to restore without it") from None
    return about if isinstance(about, dict) else {}
