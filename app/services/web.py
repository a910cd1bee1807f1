"""Services of the web process: the inbox of webhooks, and what the pages need. It imports neither litellm nor githubkit at start."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from app.background import end_task
from app.clock import new_id, now
from app.configuration.app_credentials import complete_settings
from app.configuration.settings import Settings
from app.queue.inbox import BatchingInbox
from app.queue.job_notifier import JobNotifier, NullNotifier
from app.store import app_refusals
from app.store.engine.database import Database, open_database
from app.store.engine.shared_clock import SharedClock, shared_clock
from app.store.figures import InstanceFigures, read_figures
from app.store.queue.deliveries import Debounce
from app.store.security.key_check import check_key
from app.store.security.vault import Vault, open_vault
from app.telemetry.telemetry import Telemetry

if TYPE_CHECKING:
    from app.authorization.api_tokens import Tokens
    from app.authorization.app_grants import Grants
    from app.authorization.repository_access import Access
    from app.github.github_app import GitHubApp
    from app.github.installation_client import InstallationClient
    from app.operations.failed_deliveries import FailedDeliveries
    from app.services.repository_looks import RepositoryLooks
    from app.store.security.api_tokens import Token
    from webhooks.job_base import RepositoryRef


@dataclass
class WebServices:
    """The services of a web process's pages. Each opens when it is first used. The set-up page can replace the settings once."""

    settings: Settings
    database: Database
    clock: Callable[[], float] = now
    new_id: Callable[[], str] = new_id
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _closes: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @cached_property
    def vault(self) -> Vault:
        """Encrypts and decrypts secrets."""
        return open_vault(self.settings.master_key, self.settings.data)

    async def take_credentials(self) -> None:
        """Use what the set-up page stored."""
        self.settings = await complete_settings(self.settings, self.database, self.vault)
        self.__dict__.pop("access", None)

    @cached_property
    def access(self) -> "Access":
        """Who may see what."""
        from app.authorization.repository_access import Access
        from app.github.users import Users

        found = self.settings
        opened = Access(Users(found.github_api_url, found.github_web_url, found.client_id, found.client_secret), self.clock)
        self._closes.append(opened.close)
        return opened

    @cached_property
    def tokens(self) -> "Tokens":
        """The holders of tokens for the HTTP API. Their permissions are requested as the App."""
        from app.authorization.api_tokens import Tokens
        from app.github.permissions import Permission, standing_of_account
        from webhooks.job_base import RepositoryRef

        async def ask(token: "Token") -> tuple[Permission, str]:
            async with self.as_app(token.installation_id, RepositoryRef(id=token.repository_id, full_name=token.repository)) as client:
                standing, login = await standing_of_account(client, token.repository, token.login, token.user_id)
                return standing.permission, login

        return Tokens(self.database, self.clock, ask)

    @asynccontextmanager
    async def as_app(self, installation_id: int, repository: "RepositoryRef") -> "AsyncIterator[InstallationClient]":
        """GitHub as the App sees it, in a repository."""
        async with self._github.installation(installation_id, repository.full_name, repository_id=repository.id) as github:
            yield github

    @cached_property
    def grants(self) -> "Grants":
        """Which of the App's permissions are granted."""
        from app.authorization.app_grants import Grants

        return Grants(self._github, self.clock)

    @cached_property
    def undelivered(self) -> "FailedDeliveries":
        """Deliveries that GitHub could not bring here."""
        from app.operations.failed_deliveries import FailedDeliveries

        return FailedDeliveries(self._github, self.database, self.clock)

    @cached_property
    def looks(self) -> "RepositoryLooks":
        """Looks of API clients at repositories."""
        from app.services.repository_looks import RepositoryLooks

        opened = RepositoryLooks(self.settings, self.clock, self._github)
        self._closes.append(opened.close)
        _ = self.sweep
        return opened

    @cached_property
    def sweep(self) -> "asyncio.Task[None]":
        """The task that deletes mirrors on this machine which may no longer be kept."""
        from app.operations.mirror_sweep import keep_mirrors_swept

        task = asyncio.create_task(keep_mirrors_swept(self))
        self._closes.append(partial(end_task, task))
        return task

    @cached_property
    def _github(self) -> "GitHubApp":
        from app.github.github_app import GitHubApp

        found = self.settings
        return GitHubApp(found.github_api_url, int(found.app_id), found.private_key)


async def require_start(settings: Settings) -> None:
    """Raise what keeps a web process from starting: its server would show a traceback where the worker shows the sentence."""
    database = open_database(settings.database_url, settings.data, settings.master_key, pool=1)
    try:
        await database.migrate()
        vault = open_vault(settings.master_key, settings.data)
        await check_key(database, vault, now())
        if not settings.is_set_up:
            await complete_settings(settings, database, vault)
    finally:
        await database.close()


@asynccontextmanager
async def open_web_services(settings: Settings, database: Database, clock: Callable[[], float] = now) -> AsyncIterator[WebServices]:
    """Open the pages' services, and close them at the end."""
    services = WebServices(settings, database, clock)
    if not settings.is_set_up:
        await services.take_credentials()
    if settings.mirrors_folder.exists():
        # Those of an earlier process: their repositories may be deleted before a client looks around here again.
        _ = services.sweep
    try:
        yield services
    finally:
        for close in services._closes:
            await close()


@dataclass(frozen=True)
class WebIntake:
    """What a web process needs to take in webhooks."""

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
    """Open the database, the notifier and the inbox, and close them in reverse order."""
    async with AsyncExitStack() as stack:
        # Concurrent reads by pages wake each other's threads and the loop, and a delivery would wait for all of them.
        pool = settings.database_pool
        database = open_database(settings.database_url, settings.data, settings.master_key, by_turns=True, pool=pool)
        stack.push_async_callback(database.close)
        await database.migrate()
        await check_key(database, open_vault(settings.master_key, settings.data), now())
        clock = await stack.enter_async_context(shared_clock(database))
        notifier: JobNotifier = NullNotifier()
        if settings.redis_url:
            from app.queue.arq_notifier import ArqNotifier

            notifier = await stack.enter_async_context(ArqNotifier(settings.redis_url))
        inbox = BatchingInbox(database, notifier, clock, new_id, debounce or Debounce(), telemetry)
        await stack.enter_async_context(inbox)
        yield WebIntake(settings, database, inbox, telemetry, clock)
