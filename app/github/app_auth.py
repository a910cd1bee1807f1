"""Signs requests as the App itself, on GitHub's clock: its `Date` corrects ours, and a refusal for the time is tried once more."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx
import jwt

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# GitHub takes up to 10 minutes, and none that begins in its future: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
_BEGINS, _LASTS = 60, 480
# A signature is renewed so many seconds before its end.
_SPARE = 60
# Of `Date` the fraction of a second is cut off, and an answer takes its time.
_TOLERANCE = 5.0


@dataclass
class GitHubClock:
    """Seconds since the epoch as GitHub counts them: ours plus `offset`, which GitHub's answers correct."""

    clock: Callable[[], float]
    offset: float = 0.0

    def __call__(self) -> float:
        return self.clock() + self.offset

    def correct(self, date: str) -> bool:
        """Take the time of an answer's `Date` header; whether our own was wrong."""
        try:
            theirs = parsedate_to_datetime(date)
        except ValueError:
            return False
        behind = theirs.replace(tzinfo=theirs.tzinfo or UTC).timestamp() - self()
        if abs(behind) <= _TOLERANCE:
            return False
        self.offset += behind
        return True


class AppAuth(httpx.Auth):
    """The App's signature on each request; one is used for several minutes, for GitHub's marks of lists change with it."""

    def __init__(self, app_id: int, private_key: "RSAPrivateKey", clock: GitHubClock) -> None:
        self._app_id = app_id
        self._private_key = private_key
        self._clock = clock
        self._signed, self._until = "", 0.0

    def get_auth_flow(self, _github: object) -> httpx.Auth:
        """What githubkit asks its own strategies for."""
        return self

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token()}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED and self._clock.correct(response.headers.get("date", "")):
            self._until = 0.0
            request.headers["Authorization"] = f"Bearer {self._token()}"
            yield request

    def _token(self) -> str:
        now = int(self._clock())
        if now >= self._until:
            claims = {"iss": str(self._app_id), "iat": now - _BEGINS, "exp": now + _LASTS}
            self._signed, self._until = jwt.encode(claims, self._private_key, algorithm="RS256"), now + _LASTS - _SPARE
        return self._signed
