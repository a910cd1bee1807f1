"""Changes the master key of an instance: change here where the two keys come from, and what happens to the old key's file."""

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from app.clock import now
from app.configuration.settings import Settings
from app.errors import SettingsError, UserError
from app.operations.backup import Backups
from app.store.engine.database import open_database
from app.store.security import audit
from app.store.security.key_check import fingerprint
from app.store.security.resealing import Resealed, Rotation
from app.store.security.second_file_name import keep_under_second_name
from app.store.security.vault import Vault, open_vault


@dataclass(frozen=True)
class Rotated:
    """The result of a rotation. `key` is the new fingerprint, `kept` the path of the old key's file."""

    resealed: Resealed
    key: str
    kept: Path | None = None


async def rotate_key(settings: Settings) -> Rotated:
    """Encrypt everything with the new key. Raises UserError if a process is running, or no new key is given."""
    old, new = _find_keys(settings)
    await Backups(settings).require_unused()
    database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
    try:
        await database.migrate()
        done = await Rotation(database, old, new, now).run()
        async with database.write() as connection:
            await audit.record_event(connection, audit.Event(now(), "command line", "", "master key rotated", fingerprint(new)))
    finally:
        await database.close()
    return Rotated(done, fingerprint(new), _put_in_place(settings))


def _find_keys(settings: Settings) -> tuple[Vault, Vault]:
    """The current key and the next one. If the key is a file of the data folder, the next one is created next to it, once."""
    if settings.new_master_key:
        if not settings.master_key:
            _write_once(_next_file(settings), settings.new_master_key)
        old, new = open_vault(settings.master_key, settings.data), open_vault(settings.new_master_key, settings.data)
    elif settings.master_key:
        raise SettingsError("set COUNCIL_MASTER_KEY_NEW to the new key; create one with: openssl rand -base64 32")
    else:
        old, new = open_vault("", settings.data), _open_next(settings)
    if fingerprint(old) == fingerprint(new):
        raise UserError("the new master key is the same as the old one; create another with: openssl rand -base64 32")
    return old, new


def _next_file(settings: Settings) -> Path:
    return settings.data / "master.key.next"


def _open_next(settings: Settings) -> Vault:
    """The next key from its file, created when first needed and kept until the rotation is finished."""
    if not _next_file(settings).exists():
        _write_once(_next_file(settings), base64.b64encode(secrets.token_bytes(32)).decode())
    return open_vault(_next_file(settings).read_text("utf-8").strip(), settings.data)


def _write_once(path: Path, text: str) -> None:
    if path.exists() and path.read_text("utf-8").strip() != text:
        raise UserError(
            f"{path} contains a different key from an unfinished rotation: finish that one first, without COUNCIL_MASTER_KEY_NEW"
        )
    if path.exists():
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(settings: Settings) -> Path | None:
    """Make the next key's file the current one. Returns the path of the old key's file."""
    if settings.master_key:
        return None
    key = settings.data / "master.key"
    kept = keep_under_second_name(key, "old")
    # In one step: without a key file, another process would create one.
    _next_file(settings).replace(key)
    return kept
