"""Stops a process whose master key differs from the database's, because neither could decrypt the other's secrets."""

from sqlalchemy import select, update

from app.errors import SettingsError
from app.store.engine.database import Database
from app.store.engine.upsert import insert_or, sql_table
from app.store.security.vault import Vault
from app.store.tables.pages import SecretRow

_SECRET = sql_table(SecretRow)
SCOPE, NAME = "instance/key", "fingerprint"
# It exists while a rotation is in progress. Its hint is the fingerprint of the new key.
ROTATION = "rotation"
_WHERE = (_SECRET.c.scope == SCOPE, _SECRET.c.name == NAME)


async def check_key(database: Database, vault: Vault, now: float) -> None:
    """Compare the key with the first one used on this database. Raises SettingsError with the fix."""
    own = fingerprint(vault)
    if await _known(database, ROTATION):
        raise SettingsError(
            "a rotation of the master key is unfinished: finish it with `council rotate-key` and both keys, then start Council again"
        )
    known = await _known(database)
    if known is None:
        async with database.write() as connection:
            row = {"scope": SCOPE, "name": NAME, "sealed": b"", "hint": own, "changed_at": now}
            await connection.execute(insert_or(SecretRow, connection.dialect.name).values(**row).on_conflict_do_nothing())
        known = await _known(database)
    if known != own:
        raise SettingsError(
            f"this process has a different master key ({own}) than the others on this database ({known}): give all of them the same"
            " COUNCIL_MASTER_KEY, or copy master.key from the first one's data folder. If that key is lost, `council adopt-key` takes"
            " this one; what was sealed before stays sealed"
        )


async def adopt_key(database: Database, vault: Vault, now: float) -> str:
    """Make this key the database's, and return its fingerprint."""
    own = fingerprint(vault)
    async with database.write() as connection:
        await connection.execute(update(_SECRET).where(*_WHERE).values(hint=own, changed_at=now))
    await check_key(database, vault, now)
    return own


async def _known(database: Database, name: str = NAME) -> str | None:
    where = (_SECRET.c.scope == SCOPE, _SECRET.c.name == name)
    async with database.read() as connection:
        found: str | None = (await connection.execute(select(_SECRET.c.hint).where(*where))).scalar_one_or_none()
    return found


def fingerprint(vault: Vault) -> str:
    """A value that tells keys apart and reveals nothing about them."""
    return vault.derived("key check")[:12]
