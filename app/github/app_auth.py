"""Signs requests as the App, on GitHub's clock: its `Date` header corrects ours, and a request refused for its time is retried once."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx
import jwt

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# GitHub allows up to 10 minutes, and none that starts in its future:
# https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
_BEGINS, _LASTS = 60, 480
# Seconds before its end at which a signature is renewed.
_SPARE = 60
# `Date` is cut to whole seconds, and the answer takes time to arrive.
_TOLERANCE = 5.0


@dataclass
class GitHubClock:
    """Seconds since the epoch on GitHub's clock: ours plus `offset`, which GitHub's answers correct."""

    clock: Callable[[], float]
    offset: float = 0.0

    def __call__(self) -> float:
        return self.clock() + self.offset

    def correct(self, date: str) -> bool:
        """Use the time of an answer's `Date` header. Returns whether our own was wrong."""
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
    """Signs each request as the App. A signature is used for several minutes, because GitHub's ETags of lists change with it."""

    def __init__(self, app_id: int, private_key: "RSAPrivateKey", clock: GitHubClock) -> None:
        self._app_id = app_id
        self._private_key = private_key
        self._clock = clock
        self._signed, self._until = "", 0.0

    def get_auth_flow(self, _github: object) -> httpx.Auth:
        """The flow that githubkit requests from its own strategies."""
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
