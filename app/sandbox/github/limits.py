"""GitHub's rate limits, and the settings that make the sandbox slow or late.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from app.sandbox.github.refusal import GitHubError

MINUTE, HOUR = 60.0, 3600.0
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass
class SandboxLimits:
    """Settings. None turns a limit off, `github_ms` delays each answer, and `lag_seconds` hides recent writes from reads.

    Without `secondary_header` a secondary limit does not say how long it lasts, as is common on GitHub.
    """

    primary_hour: int = 5_000
    graphql_hour: int = 5_000
    anonymous_hour: int = 60
    writes_minute: int | None = 80
    writes_hour: int | None = 500
    concurrent: int | None = 100
    secondary_status: int = 403
    secondary_header: bool = True
    github_ms: float = 0.0
    lag_seconds: float = 0.0


class UsedUp(GitHubError):
    """The primary limit: REST answers 403, GraphQL 200 with its own error."""

    def __init__(self, message: str, headers: dict[str, str]) -> None:
        super().__init__(403, message, headers=headers)


@dataclass
class Meter:
    """The usage of each actor."""

    limits: SandboxLimits
    monotonic: Callable[[], float]
    wall: Callable[[], float]
    calls: dict[tuple[str, str], deque[float]] = field(default_factory=dict)
    creations: dict[str, deque[float]] = field(default_factory=dict)
    running: int = 0

    def call(self, actor: str, resource: str = "core") -> dict[str, str]:
        """Count a request. Returns its rate-limit headers. Raises if the hour is used up."""
        now, used = self.monotonic(), self.calls.setdefault((actor, resource), deque())
        while used and used[0] <= now - HOUR:
            used.popleft()
        over = len(used) >= self._an_hour(actor, resource)
        if not over:
            used.append(now)
        headers = self.headers(actor, resource)
        if over:
            raise UsedUp(f"API rate limit exceeded for {actor}.", headers)
        if self.limits.concurrent is not None and self.running > self.limits.concurrent:
            raise self._secondary("1", headers)
        return headers

    def take_back(self, actor: str) -> dict[str, str]:
        """Uncount the last request, as for an unchanged answer. Returns its rate-limit headers."""
        self.calls[actor, "core"].pop()
        return self.headers(actor)

    def headers(self, actor: str, resource: str = "core") -> dict[str, str]:
        """The rate-limit headers."""
        used = self.calls.get((actor, resource)) or deque()
        most = self._an_hour(actor, resource)
        reset = self.wall() + (used[0] + HOUR - self.monotonic() if used else HOUR)
        return {
            "x-ratelimit-limit": str(most),
            "x-ratelimit-remaining": str(max(most - len(used), 0)),
            "x-ratelimit-used": str(len(used)),
            "x-ratelimit-reset": str(int(reset)),
            "x-ratelimit-resource": resource,
        }

    def create(self, actor: str) -> None:
        """Count a content-creating request, or refuse it until the window allows another."""
        now, made = self.monotonic(), self.creations.setdefault(actor, deque())
        while made and made[0] <= now - HOUR:
            made.popleft()
        for limit, window in ((self.limits.writes_minute, MINUTE), (self.limits.writes_hour, HOUR)):
            recent = [at for at in made if at > now - window]
            if limit is not None and len(recent) >= limit:
                raise self._secondary(str(max(1, round(recent[-limit] + window - now + 0.5))), {})
        made.append(now)

    def _an_hour(self, actor: str, resource: str) -> int:
        if actor == "anonymous":
            return self.limits.anonymous_hour
        return self.limits.graphql_hour if resource == "graphql" else self.limits.primary_hour

    def _secondary(self, wait: str, headers: dict[str, str]) -> GitHubError:
        told = {"retry-after": wait} if self.limits.secondary_header else {}
        return GitHubError(self.limits.secondary_status, SECONDARY, headers=headers | told)
