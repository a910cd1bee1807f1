"""`python -m app.operations.migration_process` migrates the schema in a separate process, which frees Alembic's 10 MB when it ends."""

import asyncio
import sys

from app.configuration.settings import Settings, from_environment, upgrade_environment
from app.store.engine.database import Database, open_database


async def upgrade_apart(settings: Settings) -> None:
    """Migrate the schema in a separate process, if needed.

    If that fails, the process that opens the database tries again and reports why.
    """
    database = _open(settings)
    try:
        if await database.is_current():
            return
    finally:
        await database.close()
    command, quiet = [sys.executable, "-P", "-m", "app.operations.migration_process"], asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, env=upgrade_environment(), stdout=quiet, stderr=quiet)
    await process.wait()


async def _upgrade(settings: Settings) -> None:
    database = _open(settings)
    try:
        await database.migrate()
    finally:
        await database.close()


def _open(settings: Settings) -> Database:
    return open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)


if __name__ == "__main__":
    asyncio.run(_upgrade(from_environment()))
