"""Council's own App: its identity, its installations, and a client for each installation."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from pydantic import Field, TypeAdapter

from app.errors import AppRefused, CouncilError, GitHubRejected, NotFound, Suspended, Unavailable
from app.github.connection import Endpoint, GitHubConnection, Sleep, load_key, open_app, open_token
from app.github.installation_client import BeforeWrite, GitHubModel, InstallationClient, Renamed
from app.github.list_cache import InstallationLists, ListCache
from app.github.pace import Clock, Pace, ProcessPace
from app.github.redirects import Resolve, resolve

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from app.github.app_auth import AppAuth

# Seconds. A token lives an hour; a run must not outlive the token it started with.
SPARE_SECONDS = 20 * 60
_REVOKE_SECONDS = 1.0
_UNAUTHORIZED, _FORBIDDEN = 401, 403
# Seconds. A token that another job requested this recently has every permission that the account grants. Otherwise, concurrent jobs that
# lack the same permission would make each other request tokens in turn.
_YOUNG_SECONDS = 1.0


class GitHubAccount(GitHubModel):
    login: str
    type: str = "User"


class GitHubAppInfo(GitHubModel):
    """The App as GitHub knows it. Its comments are written by the login "slug[bot]"."""

    id: int
    slug: str
    name: str
    html_url: str = ""
    owner: GitHubAccount | None = None
    permissions: Mapping[str, str] = Field(default_factory=dict)
    events: tuple[str, ...] = ()


class AppInstallation(GitHubModel):
    id: int
    account: GitHubAccount | None = None
    permissions: Mapping[str, str] = Field(default_factory=dict)
    events: tuple[str, ...] = ()
    suspended_at: str | None = None
    created_at: datetime | None = None


class _Narrowed(GitHubModel):
    full_name: str


class _Token(GitHubModel):
    token: str
    expires_at: datetime
    repositories: tuple[_Narrowed, ...] = ()


def _wall() -> float:
    return time.time()


@dataclass(frozen=True)
class Timing:
    """Timeouts in seconds, the clock, and the resolver of hosts that GitHub redirects to."""

    connect: float = 5.0
    read: float = 20.0
    clock: Clock = _wall
    sleep: Sleep = asyncio.sleep
    resolve: Resolve = resolve


class _CloneToken(GitHubModel):
    token: str
    repositories: tuple[_Narrowed, ...] = ()


@dataclass(frozen=True)
class CloneToken:
    """A token that can only read the contents of one repository, and the repository's current name."""

    full_name: str
    token: str = field(repr=False)


@dataclass
class _Grant:
    """A token for one installation and repository, requested by one caller at a time. `full_name` is GitHub's name at that time."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: str = ""
    full_name: str = ""
    minted: float = 0.0
    until: float = 0.0


@dataclass(frozen=True)
class _TokenUse:
    """One connection's use of a token. `since` is when the work that needs it began.

    A token has the permissions that were granted when it was created. If it is older than the work, it may lack newer ones.
    """

    grant: _Grant
    token: str
    clock: Clock
    since: float

    def forget(self) -> None:
        """Request another token the next time, unless another caller already did."""
        if self.grant.token == self.token:
            self.grant.until = 0.0

    def renew(self) -> bool:
        is_earlier = self.grant.minted < self.since and self.clock() - self.grant.minted > _YOUNG_SECONDS
        is_old = self.grant.token != self.token or is_earlier
        if is_old:
            self.forget()
        return is_old


class GitHubApp:
    """Opens installations. Keep one for the life of a process: it holds the tokens and the write rate."""

    def __init__(
        self,
        api_url: str,
        app_id: int,
        private_key: str,
        timing: Timing = Timing(),
        pace: Pace | None = None,
    ) -> None:
        self.app_id = app_id
        self._pem = private_key
        self._place = Endpoint(api_url.rstrip("/"), timing.connect, timing.read, timing.sleep, timing.resolve)
        self._clock = timing.clock
        self._grants: dict[tuple[int, int, str], _Grant] = {}
        self._lists = ListCache()
        self._pace = pace or ProcessPace(timing.clock, timing.sleep)

    @cached_property
    def _auth(self) -> "AppAuth":
        # Imported with githubkit at the first connection. Kept, so that one signature serves several minutes.
        from app.github.app_auth import AppAuth, GitHubClock

        return AppAuth(self.app_id, self._private_key, GitHubClock(self._clock))

    @cached_property
    def _private_key(self) -> "RSAPrivateKey":
        return load_key(self._pem)

    @asynccontextmanager
    async def installation(
        self,
        installation_id: int,
        full_name: str = "",
        before_write: BeforeWrite | None = None,
        repository_id: int = 0,
        begun_seconds_ago: float = 0.0,
    ) -> AsyncIterator[InstallationClient]:
        """An installation's client, with its token limited to one repository if one is given. Enter it in the job that uses it.

        With an id, the name may be outdated: the repository's current name is used, because another repository may have the old name now.
        `before_write` is awaited right before each write is sent, and may raise to stop it. If GitHub refuses a write for a missing
        permission and the token is older than `begun_seconds_ago`, Unavailable is raised: the next try has a new token, which may have the
        permission.
        """
        since = self._clock() - begun_seconds_ago
        grant = await self._grant(installation_id, full_name, repository_id)
        renamed = Renamed(full_name, grant.full_name) if grant.full_name and grant.full_name.lower() != full_name.lower() else None
        async with open_token(self._place, grant.token, _TokenUse(grant, grant.token, self._clock, since)) as wire:
            lists = InstallationLists(self._lists, installation_id)
            yield InstallationClient(wire, partial(self._pace.turn, installation_id), lists, before_write, renamed)

    @asynccontextmanager
    async def clone_token(self, installation_id: int, repository_id: int) -> AsyncIterator[CloneToken]:
        """A token to fetch a repository with, created for this block and revoked at its end.

        GitHub returns the repository's name, so a renamed one is found without another request.
        """
        body = {"repository_ids": [repository_id], "permissions": {"contents": "read"}}
        minted = TypeAdapter(_CloneToken).validate_json(await self._mint(installation_id, body))
        try:
            if not minted.repositories:
                raise NotFound(f"the installation does not include the repository {repository_id}")
            yield CloneToken(minted.repositories[0].full_name, minted.token)
        finally:
            # It expires within the hour anyway, so revoking it has a short timeout.
            with suppress(CouncilError, TimeoutError):
                async with asyncio.timeout(_REVOKE_SECONDS), open_token(self._place, minted.token) as wire:
                    await wire.send("DELETE", "/installation/token")

    async def app(self) -> GitHubAppInfo:
        """The App's identity."""
        async with self._as_app() as wire:
            return GitHubAppInfo.model_validate_json((await wire.repeat("GET", "/app")).content)

    async def repository_installation(self, full_name: str) -> AppInstallation:
        """The installation that covers a repository. Raises NotFound if there is none."""
        async with self._as_app() as wire:
            return AppInstallation.model_validate_json((await wire.repeat("GET", f"/repos/{full_name}/installation")).content)

    async def installations(self, limit: int = 1000) -> tuple[AppInstallation, ...]:
        """The App's installations."""
        async with self.as_app() as github:
            return await github.pages("/app/installations", AppInstallation, limit)

    @asynccontextmanager
    async def as_app(self) -> AsyncIterator[InstallationClient]:
        """The App's own routes: deliveries and installations."""
        async with self._as_app() as wire:
            yield InstallationClient(wire, partial(self._pace.turn, 0), InstallationLists(self._lists))

    @asynccontextmanager
    async def _as_app(self) -> AsyncIterator[GitHubConnection]:
        """A connection as the App. Raises AppRefused out of it if GitHub does not accept us as the App."""
        try:
            async with open_app(self._place, self._auth) as wire:
                yield wire
        except GitHubRejected as error:
            if error.status == _UNAUTHORIZED:
                raise AppRefused(_short(error)) from error
            raise

    async def judge(self, error: CouncilError) -> CouncilError:
        """Whose fault a refused token is: the instance's if GitHub does not know us, otherwise the installation's."""
        try:
            await self.app()
        except (AppRefused, GitHubRejected) as own:
            return own if isinstance(own, AppRefused) else AppRefused(_short(own))
        except CouncilError as own:
            return own
        return Suspended(f"suspended: GitHub issues no token for this installation ({_short(error)})")

    def forget_tokens(self, installation_id: int) -> None:
        """Use no token of this installation again. A token keeps the permissions that it was created with."""
        for grant in [grant for key, grant in self._grants.items() if key[0] == installation_id]:
            grant.until = 0.0

    async def judge_token(self, installation_id: int, error: GitHubRejected) -> CouncilError:
        """The error for a refused installation token. A revoked one is created again at the next try."""
        self.forget_tokens(installation_id)
        verdict = await self.judge(error)
        if error.status == _UNAUTHORIZED and isinstance(verdict, Suspended):
            return Unavailable(f"GitHub rejected a token that it had issued: {_short(error)}")
        return verdict

    async def _mint(self, installation_id: int, body: Mapping[str, object]) -> bytes:
        """A new token from GitHub. Creating it twice does no harm, so this POST may be repeated."""
        try:
            async with self._as_app() as wire:
                return (await wire.repeat("POST", f"/app/installations/{installation_id}/access_tokens", body=body)).content
        except (GitHubRejected, NotFound) as error:
            if isinstance(error, GitHubRejected) and error.status != _FORBIDDEN:
                # Such as 422 for a repository that the installation no longer includes.
                raise
            raise await self.judge(error) from error

    async def _grant(self, installation_id: int, full_name: str, repository_id: int) -> _Grant:
        # With an unknown name, ask for the repository's current name.
        grant = self._grants.setdefault((installation_id, repository_id, full_name), _Grant())
        async with grant.lock:
            if grant.until - SPARE_SECONDS <= self._clock():
                body: dict[str, object] = {"repositories": [full_name.partition("/")[2]]} if full_name else {}
                if repository_id:
                    body = {"repository_ids": [repository_id]}
                minted = TypeAdapter(_Token).validate_json(await self._mint(installation_id, body))
                grant.token, grant.minted, grant.until = minted.token, self._clock(), minted.expires_at.timestamp()
                grant.full_name = minted.repositories[0].full_name if repository_id and minted.repositories else ""
            return grant


def _short(error: CouncilError) -> str:
    """GitHub's answer without the page that came with it."""
    status, _, text = str(error).partition(": ")
    found = re.search(r'"message":\s*"([^"]{1,200})', text)
    return f"{status}: {found[1]}" if found else status
