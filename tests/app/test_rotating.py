"""A rotation that was interrupted at its very end, when the keys' files change places."""

from pathlib import Path

import pytest

from app.configuration.settings import Settings
from app.errors import UserError
from app.operations.key_rotation import rotate_key
from app.store.engine.database import open_database
from app.store.security.key_check import check_key, fingerprint
from app.store.security.resealing import Rotation
from app.store.security.vault import open_vault


async def test_an_interrupted_exchange_of_key_files_is_completed(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    database = open_database("", tmp_path)
    await database.migrate()
    old = open_vault("", tmp_path)
    await check_key(database, old, 0.0)
    # Everything is encrypted with the next key, and its file still has the next one's name.
    (tmp_path / "master.key.next").write_text("bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4=\n")
    new = open_vault("bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4=", tmp_path)
    await Rotation(database, old, new, lambda: 1.0).run()
    await database.close()
    done = await rotate_key(settings)
    assert done.key == fingerprint(new) == fingerprint(open_vault("", tmp_path))
    assert fingerprint(open_vault((tmp_path / "master.key.old").read_text().strip(), tmp_path)) == fingerprint(old)


async def test_the_current_key_is_no_new_key(tmp_path: Path) -> None:
    open_vault("", tmp_path)
    same = (tmp_path / "master.key").read_text().strip()
    with pytest.raises(UserError, match="is the same as the old one"):
        await rotate_key(Settings(data=tmp_path, master_key=same, new_master_key=same))
