"""Accesses GitHub with a single token from outside: that of a GitHub Actions job, or an App's from an earlier step."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from app.errors import GitHubRejected, NotFound, SettingsError
from app.github.connection import Endpoint, GitHubConnection, open_token
from app.github.github_app import CloneToken, GitHubApp, GitHubAppInfo, Timing
from app.github.installation_client import BeforeWrite, GitHubModel, InstallationClient
from app.github.list_cache import InstallationLists, ListCache
from app.github.pace import Pace, ProcessPace

_BOT = "[bot]"
_TIMING = Timing()
_WHO = "query { viewer { login } }"


class _Viewer(GitHubModel):
    login: str = ""


class _Named(GitHubModel):
    full_name: str


class _Who(GitHubModel):
    viewer: _Viewer = _Viewer()


async def identify(api_url: str, token: str, timing: Timing = _TIMING) -> GitHubAppInfo:
    """The App behind a token: github-actions, or another one. Raises SettingsError for a person's token.

    The job's own token writes comments as github-actions[bot], whose App has a public page like any other.
    """
    place = Endpoint(api_url.rstrip("/"), timing.connect, timing.read, timing.sleep, timing.resolve)
    async with open_token(place, token) as wire:
        github = InstallationClient(wire, _at_once, InstallationLists(ListCache(), 0))
        try:
            login = (await github.graphql(_WHO, {}, _Who)).data.viewer.login
        except GitHubRejected as error:
            raise SettingsError(f"GitHub rejected GITHUB_TOKEN ({error.status}): pass `${{{{ github.token }}}}`") from error
        if not login.endswith(_BOT):
            owner = f"GITHUB_TOKEN belongs to {login or 'nobody'}, a person"
            raise SettingsError(f"{owner}: pass `${{{{ github.token }}}}` or an App's token, whose posts are a bot's")
        try:
            return await github.get(f"/apps/{login.removesuffix(_BOT)}", GitHubAppInfo)
        except NotFound as error:
            raise SettingsError(f"This token cannot read the App {login.removesuffix(_BOT)} on GitHub") from error


async def _at_once() -> None:
    """Returns at once, for a connection that only reads."""


class JobTokenApp(GitHubApp):
    """Acts as an App, but has one token, and neither creates nor revokes any."""

    def __init__(self, api_url: str, token: str, identity: GitHubAppInfo, timing: Timing = _TIMING, pace: Pace | None = None) -> None:
        super().__init__(api_url, identity.id, "", timing, pace)
        self._token = token
        self._identity = identity
        self._token_pace = pace or ProcessPace(timing.clock, timing.sleep)

    async def app(self) -> GitHubAppInfo:
        return self._identity

    @asynccontextmanager
    async def installation(
        self,
        installation_id: int,
        full_name: str = "",
        before_write: BeforeWrite | None = None,
        repository_id: int = 0,
        begun_seconds_ago: float = 0.0,
    ) -> AsyncIterator[InstallationClient]:
        """The job's repository, whichever installation is named."""
        async with open_token(self._place, self._token) as wire:
            turn = partial(self._token_pace.turn, installation_id)
            yield self.open_github(wire, InstallationLists(self._lists, installation_id), turn, before_write)

    def open_github(
        self, wire: GitHubConnection, lists: InstallationLists, turn: Callable[[], Awaitable[None]], before_write: BeforeWrite | None
    ) -> InstallationClient:
        """The client of a connection."""
        return InstallationClient(wire, turn, lists, before_write)

    @asynccontextmanager
    async def clone_token(self, installation_id: int, repository_id: int) -> AsyncIterator[CloneToken]:
        """The job's token itself. Without the App's key, no narrower one can be created."""
        async with self.installation(installation_id) as github:
            found = await github.get(f"/repositories/{repository_id}", _Named)
        yield CloneToken(found.full_name, self._token)
