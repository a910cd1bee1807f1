"""Services of the web process. It imports neither litellm nor githubkit."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from app.clock import new_id, now
from app.configuration.settings import Settings
from app.queue.inbox import BatchingInbox
from app.queue.job_notifier import JobNotifier, NullNotifier
from app.store import app_refusals
from app.store.engine.database import Database, open_database
from app.store.engine.shared_clock import SharedClock, shared_clock
from app.store.figures import InstanceFigures, read_figures
from app.store.queue.deliveries import Debounce
from app.store.security.key_check import check_key
from app.store.security.vault import open_vault
from app.telemetry.telemetry import Telemetry


@dataclass(frozen=True)
class WebIntake:
    """The open services of a web process."""

    settings: Settings
    database: Database
    inbox: BatchingInbox
    telemetry: Telemetry
    clock: SharedClock

    async def figures(self) -> InstanceFigures:
        """What the whole instance is doing."""
        async with self.database.read() as connection:
            return await read_figures(connection, self.clock())

    async def refused_workers(self) -> list[str]:
        """Why workers of this database are waiting to be accepted as the App."""
        async with self.database.read() as connection:
            return await app_refusals.refusal_reasons(connection, self.clock())


@asynccontextmanager
async def open_web_intake(settings: Settings, telemetry: Telemetry, debounce: Debounce | None = None) -> AsyncIterator[WebIntake]:
    """Open the database, the doorbell and the inbox, and close them in reverse order."""
    async with AsyncExitStack() as stack:
        # Concurrent reads by pages wake each other's threads and the loop, and a delivery would wait for all of them.
        pool = settings.database_pool
        database = open_database(settings.database_url, settings.data, settings.master_key, by_turns=True, pool=pool)
        stack.push_async_callback(database.close)
        await database.migrate()
        await check_key(database, open_vault(settings.master_key, settings.data), now())
        clock = await stack.enter_async_context(shared_clock(database))
        doorbell: JobNotifier = NullNotifier()
        if settings.redis_url:
            from app.queue.arq_notifier import ArqNotifier

            doorbell = await stack.enter_async_context(ArqNotifier(settings.redis_url))
        inbox = BatchingInbox(database, doorbell, clock, new_id, debounce or Debounce(), telemetry)
        await stack.enter_async_context(inbox)
        yield WebIntake(settings, database, inbox, telemetry, clock)
