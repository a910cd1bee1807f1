"""Services of the web pages: database, vault, and GitHub on behalf of the signed-in user."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from app.clock import new_id, now
from app.configuration.app_credentials import complete_settings
from app.configuration.settings import Settings
from app.store.engine.database import Database
from app.store.security.vault import Vault, open_vault

if TYPE_CHECKING:
    from app.authorization.api_tokens import Tokens
    from app.authorization.app_grants import Grants
    from app.authorization.repository_access import Access
    from app.github.github_app import GitHubApp
    from app.github.installation_client import InstallationClient
    from app.operations.failed_deliveries import FailedDeliveries
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
    _opened: list["Access"] = field(default_factory=list)

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
        self._opened.append(opened)
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
    def _github(self) -> "GitHubApp":
        from app.github.github_app import GitHubApp

        found = self.settings
        return GitHubApp(found.github_api_url, int(found.app_id), found.private_key)


@asynccontextmanager
async def open_web_services(settings: Settings, database: Database, clock: Callable[[], float] = now) -> AsyncIterator[WebServices]:
    """Open the pages' services, and close them at the end."""
    services = WebServices(settings, database, clock)
    if not settings.is_set_up:
        await services.take_credentials()
    try:
        yield services
    finally:
        for access in services._opened:
            await access.close()
