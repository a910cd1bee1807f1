"""GitHub as a signed-in person: the web flow's token, the person's identity, and the repositories they reach through the App.

Uses only httpx: githubkit would cost the web process 50 MB, more than all its pages.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from pydantic import Field, TypeAdapter, ValidationError

from app.errors import CouncilError, GitHubRejected, NotFound, RateLimited, Unavailable
from app.github.github_app import GitHubAccount
from app.github.installation_client import PER_PAGE, GitHubModel
from app.github.permissions import Permission

if TYPE_CHECKING:
    import httpx

_MOST_PAGES = 30
_LEVELS = {"pull": Permission.READ, "push": Permission.WRITE, "maintain": Permission.ADMIN, "admin": Permission.ADMIN}
_AT_ONCE = 4
API_VERSION = "2022-11-28"


class GitHubPerson(GitHubModel):
    id: int
    login: str


class SeenInstallation(GitHubModel):
    """An installation of the App that a person can access."""

    id: int
    account: GitHubAccount | None = None
    suspended_at: str | None = None


class _Repository(GitHubModel):
    id: int
    full_name: str
    private: bool = True
    default_branch: str = "HEAD"
    permissions: Mapping[str, bool] = Field(default_factory=dict)


@dataclass(frozen=True)
class SeenRepository:
    """A repository as one person reaches it. ADMIN includes maintain."""

    id: int
    full_name: str
    private: bool
    installation_id: int
    permission: Permission
    administers: bool
    default_branch: str = "HEAD"


class _Token(GitHubModel):
    access_token: str = ""
    error: str = ""


_M = TypeVar("_M", bound=GitHubModel)
_S = TypeVar("_S", bound=GitHubModel)


class Users:
    """Calls with a person's token. One per process, because it keeps the certificates."""

    def __init__(self, api_url: str, web_url: str, client_id: str, client_secret: str) -> None:
        self._api = api_url.rstrip("/")
        self._web = web_url.rstrip("/")
        self._client_id = client_id
        self._secret = client_secret
        self._http: httpx.AsyncClient | None = None

    def consent_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """The address at which a person signs in."""
        asked = {"client_id": self._client_id, "redirect_uri": redirect_uri, "state": state}
        asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        return f"{self._web}/login/oauth/authorize?{urlencode(asked)}"

    async def token(self, code: str, verifier: str, redirect_uri: str) -> str:
        """Exchange a code for a token. Raises Refused if GitHub rejects it."""
        form = {"client_id": self._client_id, "client_secret": self._secret, "code": code}
        form |= {"code_verifier": verifier, "redirect_uri": redirect_uri}
        answer = await self._send("POST", f"{self._web}/login/oauth/access_token", data=form)
        granted = _read(_Token, answer)
        if not granted.access_token:
            raise GitHubRejected(f"GitHub issued no token: {granted.error[:100]}", 401)
        return granted.access_token

    async def person(self, token: str) -> GitHubPerson:
        """The holder of a token. Raises Refused with status 401 if it is no longer valid."""
        return _read(GitHubPerson, await self._send("GET", f"{self._api}/user", token))

    async def installations(self, token: str) -> tuple[SeenInstallation, ...]:
        """The installations a person can access, without suspended ones."""
        found = await self._pages("/user/installations", token, "installations", TypeAdapter(tuple[SeenInstallation, ...]))
        return tuple(installation for installation in found if installation.suspended_at is None)

    async def repositories(self, token: str) -> tuple[SeenRepository, ...]:
        """Every repository a person has a role in and the App is installed on."""
        turn = asyncio.Semaphore(_AT_ONCE)

        async def of(installation: SeenInstallation) -> list[SeenRepository]:
            async with turn:
                path = f"/user/installations/{installation.id}/repositories"
                found = await self._pages(path, token, "repositories", TypeAdapter(tuple[_Repository, ...]))
            return [_seen(each, installation.id) for each in found]

        each = await asyncio.gather(*(of(installation) for installation in await self.installations(token)))
        return tuple(repository for found in each for repository in found)

    async def file(self, token: str, full_name: str, path: str) -> str:
        """A text file of the default branch, "" if there is none."""
        try:
            raw = await self._send("GET", f"{self._api}/repos/{full_name}/contents/{path}", token, accept="application/vnd.github.raw+json")
        except NotFound:
            return ""
        return raw.content.decode("utf-8", "replace")

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _pages(self, path: str, token: str, key: str, adapter: TypeAdapter[tuple[_M, ...]]) -> tuple[_M, ...]:
        items: tuple[_M, ...] = ()
        for number in range(1, _MOST_PAGES + 1):
            answer = await self._send("GET", f"{self._api}{path}?per_page={PER_PAGE}&page={number}", token)
            try:
                items += adapter.validate_python(answer.json().get(key))
            except (ValueError, AttributeError) as error:
                raise Unavailable(f"GitHub's response is not a list of {key}") from error
            if 'rel="next"' not in answer.headers.get("link", ""):
                break
        return items

    async def _send(
        self, method: str, url: str, token: str = "", *, data: Mapping[str, str] | None = None, accept: str = "application/json"
    ) -> "httpx.Response":
        import httpx

        if self._http is None:
            self._http = httpx.AsyncClient(timeout=httpx.Timeout(10.0, connect=5.0), follow_redirects=False)
        headers = {"Accept": accept, "User-Agent": "council-review"}
        if token:
            headers |= {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": API_VERSION}
        try:
            answer = await self._http.request(method, url, headers=headers, data=data)
        # httpx raises InvalidURL, which is no HTTPError, for the address of a redirect, even of one that is not followed.
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"GitHub did not answer ({type(error).__name__})") from error
        if answer.status_code != 200:
            raise _error(answer)
        return answer


def _read(model: type[_S], answer: "httpx.Response") -> _S:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise Unavailable(f"GitHub's response is not a valid {model.__name__}") from error


def _error(answer: "httpx.Response") -> CouncilError:
    status = answer.status_code
    if status in {404, 410}:
        return NotFound("not found on GitHub")
    if status == 429 or (status == 403 and "rate limit" in answer.text.lower()):
        return RateLimited("GitHub's rate limit", retry_after=60.0)
    if status >= 500:
        return Unavailable(f"GitHub answered {status}")
    return GitHubRejected(f"GitHub answered {status}", status)


def _seen(found: _Repository, installation_id: int) -> SeenRepository:
    has = found.permissions
    level = max((reached for name, reached in _LEVELS.items() if has.get(name)), default=Permission.NONE)
    return SeenRepository(found.id, found.full_name, found.private, installation_id, level, bool(has.get("admin")), found.default_branch)
