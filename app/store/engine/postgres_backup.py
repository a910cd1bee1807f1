"""Runs pg_dump and pg_restore: change here their arguments. The password is passed in the environment, never in arguments."""

import asyncio
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from sqlalchemy import text

from app.errors import UserError
from app.store.engine.database import Database
from app.store.engine.postgres_url import PostgresTarget, read_postgres_url
from app.store.tables import access, checks, consultations, core, decisions, github_api, pages

MAGIC = b"PGDMP"
# All modules with tables; they share one list.
_TABLES = (access, github_api, checks, decisions, consultations, core, pages)
_TABLE_DATA = re.compile(r"^\d+; \d+ \d+ TABLE DATA \S+ (\S+) ", re.MULTILINE)


class PostgresToolFailed(UserError):
    """pg_dump or pg_restore ended with an error. The message is its first line."""


@dataclass(frozen=True)
class PostgresTools:
    """pg_dump and pg_restore for one database. `environment` is for external programs."""

    url: str
    environment: Mapping[str, str]

    async def dump(self, target: Path) -> None:
        """Write the whole database to a file in PostgreSQL's custom format, from one snapshot."""
        place, secret = _without_password(read_postgres_url(self.url))
        await self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}", place, **secret)

    async def check(self, path: Path) -> frozenset[str]:
        """The tables of a file that can be read to its end. Raises UserError with what is wrong."""
        try:
            listed = await self._run("pg_restore", "--list", str(path))
            # The table list is at the beginning. Only a full read detects truncation or changes.
            await self._run("pg_restore", "--file=/dev/null", str(path))
        except PostgresToolFailed as error:
            raise UserError(f"{path} is not a complete backup of Council: {error}") from None
        return frozenset(_TABLE_DATA.findall(listed))

    async def revision(self, path: Path) -> str:
        """The schema's revision in a file, "" if it has none."""
        text = await self._run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(path))
        return max(re.findall(r"^(\d{4})$", text, re.MULTILINE), default="")

    async def restore(self, path: Path) -> None:
        """Replace the tables of the database with those of the file, in one transaction."""
        place, secret = _without_password(read_postgres_url(self.url))
        words = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        await self._run("pg_restore", *words, f"--dbname={place}", str(path), **secret)

    async def _run(self, program: str, *arguments: str, **more: str) -> str:
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                program, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, env={**self.environment, **more}
            )
        except FileNotFoundError:
            raise UserError(
                f"{program} is not on the PATH: install PostgreSQL's client programs, of the server's version or newer"
            ) from None
        try:
            out, told = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            last = (told.decode(errors="replace").strip().splitlines() or ["no reason given"])[0]
            raise PostgresToolFailed(f"{last[:400]} ({program} ended with {process.returncode})")
        return out.decode(errors="replace")


async def drop_tables(database: Database, *, but: Collection[str]) -> None:
    """Drop our tables that a restored backup did not have. It is older, and its migration creates them."""
    ours = {name for module in _TABLES for name in module.SQLModel.metadata.tables}
    async with database.write() as connection:
        for name in sorted(ours - set(but)):
            await connection.execute(text(f'DROP TABLE IF EXISTS "{name}" CASCADE'))


def _without_password(target: PostgresTarget) -> tuple[str, dict[str, str]]:
    """The URL without its password, and the variable with the password."""
    parts = urlsplit(target.dsn)
    user, _, place = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    given = dict(parse_qsl(parts.query))
    password = given.pop("password", unquote(password))
    if target.system_certificates:
        given["sslrootcert"] = "system"
    netloc = f"{name}@{place}" if name else place
    return urlunsplit(parts._replace(netloc=netloc, query=urlencode(given))), {"PGPASSWORD": password} if password else {}
