"""`council adopt-key`: take this machine's master key for the database's, where the one before is lost."""

import sys

from app import log
from app.cli.running import run_to_end
from app.services.clock import now
from app.settings import from_environment
from app.store.database import open_database
from app.store.key_check import adopt_key as adopt
from app.store.vault import open_vault


def adopt_key() -> None:
    """Take this machine's master key for the database's. What was sealed with the one before stays sealed; people sign in again."""
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
