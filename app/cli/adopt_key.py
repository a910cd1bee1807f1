"""`council adopt-key`: make this machine's master key the database's key when the earlier key is lost."""

import sys

from app import log
from app.cli.running import run_to_end
from app.clock import now
from app.configuration.settings import from_environment
from app.store.engine.database import open_database
from app.store.security.key_check import adopt_key as adopt
from app.store.security.vault import open_vault


def adopt_key() -> None:
    """Make this machine's master key the database's key. Values encrypted with the lost key stay unreadable; people sign in again."""
    sys.stdout.write(f"The database's master key is now {run_to_end(_adopted())}. Restart every process with it.\n")


async def _adopted() -> str:
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
    try:
        await database.migrate()
        return await adopt(database, open_vault(settings.master_key, settings.data), now())
    finally:
        await database.close()
