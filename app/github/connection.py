"""One authenticated connection to GitHub's API, and the only importer of githubkit.

githubkit is imported when a connection is opened, not with this module: it costs 0.4 s and 50 MB, which the web process does without.
"""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from app.errors import (
    CouncilError,
    GitHubRejected,
    Locked,
    NotFound,
    RateLimited,
    SettingsError,
    Unavailable,
)
from app.github.redirects import RedirectGuard, Resolve, resolve
from reviewers.unpacking import PIECE_BYTES, open_pieces

if TYPE_CHECKING:
    import ssl

    import httpx
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from githubkit import GitHub as Kit
    from githubkit.auth import AppAuthStrategy, TokenAuthStrategy

    from app.github.app_auth import AppAuth

# "Unable to create comment because issue is locked."
_LOCKED = re.compile(r"\b(?:issue|pull request|conversation) is locked\b", re.IGNORECASE)
# Secondary limits share their status with refusals, and sometimes have no header:
# https://github.com/octokit/plugin-throttling.js/issues/65. Until 2021, and on older servers, they are called "abuse detection mechanism".
LIMITED = re.compile(
    r"secondary rate limit|abuse detection|rate limit (?:already )?exceeded|submitted too quickly|wait a few minutes", re.IGNORECASE
)
API_VERSION = "2022-11-28"
RETRIES = 2
USER_AGENT = "council-review"
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})

Sleep = Callable[[float], Awaitable[None]]
Params = Mapping[str, str | int]


@dataclass(frozen=True)
class RawResponse:
    """An answer of GitHub: its body, the header for paging, its ETag, and whether it is unchanged.

    `status` is the HTTP status, such as 201 for something that was created.
    """

    content: bytes
    link: str
    etag: str = ""
    is_unchanged: bool = False
    status: int = 200


@dataclass(frozen=True)
class Endpoint:
    """GitHub's address, the timeout, and the resolver of hosts that GitHub redirects to."""

    api_url: str
    connect_seconds: float
    read_seconds: float
    sleep: Sleep
    resolve: Resolve = resolve

    @property
    def graphql_url(self) -> str:
        root = self.api_url.rstrip("/")
        return f"{root.removesuffix('/v3')}/graphql" if root.endswith("/api/v3") else f"{root}/graphql"

    @property
    def certificates(self) -> "ssl.SSLContext":
        """The trusted certificates."""
        return _trusted_certificates()


@cache
def _trusted_certificates() -> "ssl.SSLContext":
    """Read once per process: it takes 30 ms, during which an event loop is blocked."""
    import httpx

    return httpx.create_ssl_context()


class TokenKeeper(Protocol):
    """Created the token of a connection, and creates the next one."""

    def forget(self) -> None:
        """GitHub no longer accepts this token."""

    def renew(self) -> bool:
        """Whether a new token might have permissions that this one lacks. If so, this one is dropped."""
        ...


class GitHubConnection:
    """Sends requests, maps failures to `app.errors`, and repeats only what is safe to repeat."""

    def __init__(self, kit: "Kit[AppAuthStrategy | TokenAuthStrategy]", place: Endpoint, keeper: TokenKeeper | None = None) -> None:
        self._kit = kit
        self._place = place
        self._keeper = keeper

    async def send(
        self, method: str, path: str, *, params: Params | None = None, body: object = None, headers: Mapping[str, str] = _NO_HEADERS
    ) -> RawResponse:
        """One request, sent once. For writes."""
        async with self._mapped(f"{method} {path}"):
            told = {"X-GitHub-Api-Version": API_VERSION, **headers}
            response = await self._kit.arequest(method, self._url(path), params=dict(params or {}), json=body, headers=told)
            answered = response.headers
            status = response.status_code
            content = response.raw_response.content
            return RawResponse(content, answered.get("link", ""), answered.get("etag", ""), is_unchanged=status == 304, status=status)

    async def repeat(
        self, method: str, path: str, *, params: Params | None = None, body: object = None, headers: Mapping[str, str] = _NO_HEADERS
    ) -> RawResponse:
        """One request, sent again up to twice without an answer. For reads and anything that may be applied twice."""
        for attempt in range(RETRIES + 1):
            try:
                return await self.send(method, path, params=params, body=body, headers=headers)
            except Unavailable:
                if attempt == RETRIES:
                    raise
                await self._place.sleep(0.25 * 3**attempt * random.uniform(0.5, 1.5))
        raise AssertionError("unreachable")

    async def stream(self, path: str, keep: Callable[[bytes], bool]) -> None:
        """Pass a download to `keep` chunk by chunk until it returns False. The token is not sent to the host of the log.

        Compressed data is decompressed in pieces of 64 kB: httpx would decompress everything that arrived at once, whatever its size.
        """
        async with self._mapped(f"GET {path}"):
            headers = {"X-GitHub-Api-Version": API_VERSION, "Accept-Encoding": "identity"}
            response = await self._kit.arequest("GET", self._url(path), headers=headers, stream=True)
            try:
                opener = open_pieces(response.headers.get("content-encoding", ""))
                async for raw in response.raw_response.aiter_raw(PIECE_BYTES):
                    # In a thread, because a piece may decompress to a thousand times its size.
                    if not await asyncio.to_thread(_keep_all, opener(raw), keep):
                        break
            finally:
                await response.raw_response.aclose()

    def _url(self, path: str) -> str:
        return self._place.graphql_url if path == "/graphql" else path

    @asynccontextmanager
    async def _mapped(self, what: str) -> AsyncIterator[None]:
        import httpx
        from githubkit.exception import GitHubException

        try:
            yield
        except (GitHubException, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            # ValueError: githubkit reads `retry-after` with int(), and a proxy may put a date there.
            raise self._renewed(what, _ours(what, error)) from error

    def _renewed(self, what: str, error: CouncilError) -> CouncilError:
        """The error, or a retryable one whose next try has a new token.

        A token expires within the hour, or earlier if it is revoked, and it does not get permissions granted later.
        https://docs.github.com/en/apps/using-github-apps/approving-updated-permissions-for-a-github-app
        """
        if self._keeper is None or not isinstance(error, GitHubRejected):
            return error
        if error.status == 401:
            self._keeper.forget()
            return Unavailable(f"the token is no longer valid: {what}")
        return Unavailable(str(error)) if error.permission and self._keeper.renew() else error


def preload() -> None:
    """Import githubkit now, in the calling thread, rather than at the first connection."""
    import githubkit  # noqa: F401


def load_key(pem: str) -> "RSAPrivateKey":
    """An App's private key. Raises SettingsError if it is not one. Checking its primes takes up to 0.1 s, so keep the result."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return cast("RSAPrivateKey", load_pem_private_key(pem.encode(), password=None))
    except (ValueError, TypeError) as error:
        raise SettingsError("PRIVATE_KEY cannot be read: download a new one on your GitHub App's page, under General") from error


def open_app(place: Endpoint, auth: "AppAuth") -> AbstractAsyncContextManager[GitHubConnection]:
    """A connection as the App itself (JWT)."""
    # githubkit's own strategy trusts the clock of this machine.
    return _open(place, cast("AppAuthStrategy", auth))


def open_token(place: Endpoint, token: str, keeper: TokenKeeper | None = None) -> AbstractAsyncContextManager[GitHubConnection]:
    """A connection with an installation's token. Its keeper is notified if GitHub no longer accepts the token."""
    from githubkit import TokenAuthStrategy

    return _open(place, TokenAuthStrategy(token), keeper)


@asynccontextmanager
async def _open(
    place: Endpoint, auth: "AppAuthStrategy | TokenAuthStrategy", keeper: TokenKeeper | None = None
) -> AsyncIterator[GitHubConnection]:
    import httpx
    from githubkit import GitHub as Kit

    kit = Kit(
        auth,
        base_url=place.api_url,
        user_agent=USER_AGENT,
        timeout=httpx.Timeout(place.read_seconds, connect=place.connect_seconds),
        ssl_verify=place.certificates,
        # The in-memory cache keeps every diff and log: 300 reads of 0.5 MB took 152 MB instead of 22.
        http_cache=False,
        # githubkit's own policy repeats POSTs on 5xx (duplicates) and sleeps out a primary limit inside the job.
        auto_retry=False,
        async_event_hooks={"request": [RedirectGuard(place.api_url, place.resolve)], "response": [_prepare_redirect]},
    )
    # Entered here, so that all calls of the job share its connections. Otherwise every call would open a new one.
    async with kit:
        yield GitHubConnection(kit, place, keeper)


def _keep_all(pieces: Iterator[bytes], keep: Callable[[bytes], bool]) -> bool:
    """Pass on one piece of a download. Returns False if no more is wanted."""
    return all(keep(chunk) for chunk in pieces)


async def _prepare_redirect(response: "httpx.Response") -> None:
    """Repeat a redirected write unchanged, as after a rename. httpx would turn it into a GET, as browsers do.

    The signed link of a log comes as a 302, and its store rejects a token, which httpx keeps if the store is on GitHub's own host.
    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
    """
    if response.status_code in {301, 302} and response.request.method not in {"GET", "HEAD"}:
        response.status_code = 308
    elif response.status_code == 302:
        response.request.headers.pop("authorization", None)


def _ours(what: str, error: Exception) -> CouncilError:
    from githubkit.exception import RateLimitExceeded, RequestFailed

    if isinstance(error, RateLimitExceeded):
        return RateLimited(f"GitHub's rate limit: {what}", retry_after=max(1.0, error.retry_after.total_seconds()))
    if isinstance(error, RequestFailed):
        return _of_status(what, error.response.raw_response)
    if isinstance(error.__cause__, CouncilError):
        return error.__cause__
    return Unavailable(f"GitHub did not answer: {what} ({type(error.__cause__ or error).__name__})")


def _of_status(what: str, response: "httpx.Response") -> CouncilError:
    status, text = response.status_code, response.text[:500]
    if status in {404, 410}:
        return NotFound(f"{status} for {what}")
    # A proxy in front of GitHub limits with a 403 that has a page instead of a message.
    if status == 429 or (status in {403, 422} and LIMITED.search(text)) or (status == 403 and not text.lstrip().startswith("{")):
        return RateLimited(f"GitHub's rate limit: {what}", retry_after=60.0)
    if status >= 500 or status == 408:
        return Unavailable(f"{status} for {what}")
    if status == 403 and _LOCKED.search(text):
        return Locked()
    permission = _permission(response)
    needed = f" It needs the permission {permission}." if permission else ""
    return GitHubRejected(f"{status} for {what}: {text}{needed}", status, permission)


def _permission(response: "httpx.Response") -> str:
    """The missing permission that a 403 names. "checks=write; contents=read" is any of the two.

    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#insufficient-permissions-error
    """
    accepted = response.headers.get("x-accepted-github-permissions", "") if response.status_code == 403 else ""
    return accepted.partition(";")[0].replace(",", ", ").replace("=", ": ").strip()[:200]
