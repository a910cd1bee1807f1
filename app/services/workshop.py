"""What a worker is made of."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from app.github.client import GitHubApp
from app.queue.leases import LeaseTimes
from app.services.clock import new_id, now
from app.settings import Settings
from app.store.database import Database, open_database
from app.store.jobs import Caps


@dataclass(frozen=True)
class Workshop:
    """The open services of a worker; `owner` names this process in leases."""

    settings: Settings
    database: Database
    github: GitHubApp
    owner: str
    times: LeaseTimes = field(default_factory=LeaseTimes)
    caps: Caps = field(default_factory=Caps)
    clock: Callable[[], float] = now
    new_id: Callable[[], str] = new_id


@asynccontextmanager
async def open_workshop(settings: Settings, times: LeaseTimes | None = None) -> AsyncIterator[Workshop]:
    """Open the database and the App, and close them in reverse."""
    settings.require_app()
    async with AsyncExitStack() as stack:
        database = open_database(settings.database_url, settings.data)
        stack.push_async_callback(database.close)
        await database.migrate()
        github = GitHubApp(settings.github_api_url, settings.app_id, settings.private_key)
        yield Workshop(settings, database, github, new_id(), times or LeaseTimes())
