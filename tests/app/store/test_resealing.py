"""Another master key: it decrypts everything afterwards, even if the rotation was interrupted."""

import asyncio
import base64
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.errors import SettingsError, UserError
from app.sandbox.empty_database import place_empty_database
from app.store.engine.database import Database, open_database
from app.store.reviews.transcripts import Transcripts
from app.store.security import secrets
from app.store.security.key_check import check_key, fingerprint
from app.store.security.resealing import OWNERS, Resealed, Rotation, sealed_texts, table_of
from app.store.security.secrets import NewSecret
from app.store.security.vault import Unsealable, Vault
from app.store.tables.core import RunRow
from app.store.tables.pages import SessionRow
from tests.app.store.rows import all_tables, insert_row

OLD, NEW, OTHER = Vault(b"o" * 32), Vault(b"n" * 32), Vault(b"x" * 32)
RUNS = 120


class Cut(Exception):
    """The process ends here."""


async def fill(database: Database) -> None:
    """Two secrets, a session, and encrypted and plain texts in every table that may hold them."""
    door = Transcripts(lambda: OLD)
    async with database.write() as connection:
        for name in ("openai", "anthropic"):
            await secrets.save_secret(connection, OLD, NewSecret("installation:1/keys", name, f"sk-{name}"), "ada", 0.0)
        session = next(table for table in all_tables() if table.name == str(SessionRow.__tablename__))
        await insert_row(
            connection, session, id="s1", token=OLD.seal("token", "session/s1"), github_id=1, csrf="c", created_at=0, seen_at=0
        )
        for name in OWNERS:
            for number in range(RUNS if name == str(RunRow.__tablename__) else 3):
                await insert_row(connection, table_of(name), **row_of(door, name, number))
    await check_key(database, OLD, 0.0)


def row_of(door: Transcripts, name: str, number: int) -> dict[str, Any]:
    """A row whose transcript columns are encrypted. Every third one is plain."""
    keys: dict[str, Any] = {"id": f"r{number}", "run_id": f"r{number}", "consultation_id": f"r{number}", "key": f"k{number}"}
    keys |= {"repository_id": 7, "number": number, "fingerprint": f"f{number}", "seat": f"seat{number}", "short_id": f"i{number}"}
    keys |= {"digest": f"d{number}"}
    columns = table_of(name).c
    values = {key: value for key, value in keys.items() if key in columns}
    owner = f"7/{number}/f{number}" if name == "disposition" else f"r{number}"
    for text in TEXTS[name]:
        values[text] = door.kept(owner, text, f"{name} {text} {number}", sealed=number % 3 != 1)
    return values


# What each table's module encrypts.
TEXTS = {
    "run": ("snapshot", "verdict"),
    "seat_answer": ("body",),
    "finding": ("title",),
    "vote": ("evidence",),
    "disposition": ("reason", "finding"),
    "consultation": ("dossier", "advice", "summary"),
    "consultation_opinion": ("view", "proposed"),
    "consultation_critique": ("title", "evidence"),
}


async def opened_with(database: Database, vault: Vault) -> int:
    """How many encrypted texts the whole database has. Raises if the key does not decrypt one."""
    door, good = Transcripts(lambda: vault), 0
    async with database.read() as connection:
        assert set(await secrets.open_secrets(connection, vault, "installation:1/keys")) == {"openai", "anthropic"}
        for place in all_tables():
            for row in await connection.execute(select(place)):
                if place.name == "session":
                    vault.open(row.token, f"session/{row.id}")
                for name, kept in sealed_texts(row):
                    # A table that is not in OWNERS would fail here.
                    door.opened(OWNERS[place.name](row), name, kept)
                    good += 1
    return good


def rotation(database: Database, old: Vault = OLD, new: Vault = NEW, step: Callable[[], None] = lambda: None) -> Rotation:
    return Rotation(database, old, new, lambda: 5.0, step)


async def test_the_new_key_decrypts_everything(database: Database) -> None:
    await fill(database)
    done = await rotation(database).run()
    good = await opened_with(database, NEW)
    assert (done.anew, done.lost) == (good + 3, 0) and good > RUNS
    with pytest.raises(Unsealable):
        async with database.read() as connection:
            await secrets.open_secrets(connection, OLD, "installation:1/keys")
    await check_key(database, NEW, 6.0)
    with pytest.raises(SettingsError, match="different master key"):
        await check_key(database, OLD, 6.0)


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
async def test_an_interrupted_rotation_resumes(database: Database, steps: int) -> None:
    await fill(database)
    left = steps

    def cut() -> None:
        nonlocal left
        left -= 1
        if not left:
            raise Cut

    with pytest.raises(Cut):
        await rotation(database, step=cut).run()
    for vault in (OLD, NEW):
        with pytest.raises(SettingsError, match="council rotate-key"):
            await check_key(database, vault, 6.0)
    with pytest.raises(UserError, match="finish that rotation first"):
        await rotation(database, new=OTHER).run()
    done = await rotation(database).run()
    good = await opened_with(database, NEW)
    assert done.before > 0 and done.anew < good + 3 <= done.anew + done.before and not done.lost
    await check_key(database, NEW, 6.0)
    assert await rotation(database).run() == Resealed()


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from app.store.engine.database import open_database
from app.store.security.resealing import Rotation
from app.store.security.vault import Vault
left = int(sys.argv[2])
def step():
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
database = open_database("", Path(sys.argv[1]))
asyncio.run(Rotation(database, Vault(b"o" * 32), Vault(b"n" * 32), lambda: 5.0, step).run())
"""


@pytest.mark.parametrize("steps", [1, 4])
async def test_a_killed_rotation_resumes(tmp_path: Path, steps: int) -> None:
    place_empty_database(tmp_path)
    database = open_database("", tmp_path)
    await fill(database)
    await database.close()
    words = [sys.executable, "-c", KILLED, str(tmp_path), str(steps)]
    done = await asyncio.to_thread(subprocess.run, words, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    again = await rotation(database).run()
    good = await opened_with(database, NEW)
    assert again.before > 0 and again.anew < good + 3 <= again.anew + again.before and not again.lost
    await check_key(database, NEW, 6.0)
    await database.close()


async def test_another_old_key_changes_nothing(database: Database) -> None:
    await fill(database)
    with pytest.raises(UserError, match=f"{fingerprint(OLD)}, but the key to rotate from is {fingerprint(OTHER)}"):
        await rotation(database, old=OTHER).run()
    assert await opened_with(database, OLD) > RUNS
    await check_key(database, OLD, 6.0)


async def test_a_text_that_neither_key_decrypts_stays_unchanged(database: Database) -> None:
    await fill(database)
    strange = Transcripts(lambda: OTHER).kept("r999", "snapshot", "said", sealed=True)
    async with database.write() as connection:
        await insert_row(connection, table_of("run"), id="r999", key="k999", snapshot=strange)
    assert (await rotation(database).run()).lost == 1
    async with database.read() as connection:
        run = table_of("run")
        assert (await connection.execute(select(run.c.snapshot).where(run.c.id == "r999"))).scalar_one() == strange
    assert base64.b64decode(strange.rpartition(":")[2])
