"""All processes of a database share one master key. Another one is refused in a sentence that says what to do."""

from pathlib import Path

import pytest

from app.errors import SettingsError
from app.store.engine.database import Database
from app.store.security.key_check import adopt_key, check_key
from app.store.security.vault import Vault, open_vault

FIRST, OTHER = Vault(b"f" * 32), Vault(b"o" * 32)


async def test_the_first_key_becomes_the_databases(database: Database) -> None:
    await check_key(database, FIRST, 1.0)
    await check_key(database, FIRST, 2.0)
    with pytest.raises(SettingsError, match="different master key") as refused:
        await check_key(database, OTHER, 3.0)
    assert "COUNCIL_MASTER_KEY" in str(refused.value) and "council adopt-key" in str(refused.value)
    assert await adopt_key(database, OTHER, 4.0) in str(refused.value)
    await check_key(database, OTHER, 5.0)
    with pytest.raises(SettingsError):
        await check_key(database, FIRST, 6.0)


async def test_a_key_from_another_machine_is_refused(database: Database, tmp_path: Path) -> None:
    await check_key(database, open_vault("", tmp_path / "one"), 1.0)
    await check_key(database, open_vault("", tmp_path / "one"), 1.0)
    with pytest.raises(SettingsError):
        await check_key(database, open_vault("", tmp_path / "two"), 1.0)
