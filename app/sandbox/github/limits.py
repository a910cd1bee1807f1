"""GitHub's rate limits, and the knobs that make the sandbox slow or late."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from app.sandbox.github.refusal import Refused

MINUTE, HOUR = 60.0, 3600.0
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass
class Limits:
    """Settings. None switches a limit off; `github_ms` delays each answer; `lag_seconds` hides what was just written from reads."""

    primary_hour: int = 5_000
    writes_minute: int | None = 80
    writes_hour: int | None = 500
    concurrent: int | None = 100
    secondary_status: int = 403
    github_ms: float = 0.0
    lag_seconds: float = 0.0


@dataclass
class Meter:
    """What each actor used up."""

    limits: Limits
    monotonic: Callable[[], float]
    wall: Callable[[], float]
    calls: dict[str, deque[float]] = field(default_factory=dict)
    creations: dict[str, deque[float]] = field(default_factory=dict)
    running: int = 0

    def call(self, actor: str) -> dict[str, str]:
        """Count a request; the headers that tell about it. Raises when the hour is used up."""
        now, used = self.monotonic(), self.calls.setdefault(actor, deque())
        while used and used[0] <= now - HOUR:
            used.popleft()
        over = len(used) >= self.limits.primary_hour
        if not over:
            used.append(now)
        headers = self.headers(actor)
        if over:
            raise Refused(403, f"API rate limit exceeded for {actor}.", headers=headers)
        if self.limits.concurrent is not None and self.running > self.limits.concurrent:
            raise Refused(self.limits.secondary_status, SECONDARY, headers=headers | {"retry-after": "1"})
        return headers

    def headers(self, actor: str, resource: str = "core") -> dict[str, str]:
        """The rate-limit headers."""
        used = self.calls.get(actor) or deque()
        left = max(self.limits.primary_hour - len(used), 0)
        reset = self.wall() + (used[0] + HOUR - self.monotonic() if used else HOUR)
        return {
            "x-ratelimit-limit": str(self.limits.primary_hour),
            "x-ratelimit-remaining": str(left),
            "x-ratelimit-used": str(len(used)),
            "x-ratelimit-reset": str(int(reset)),
            "x-ratelimit-resource": resource,
        }

    def create(self, actor: str) -> None:
        """Count a content-creating request, or refuse it until the window has room."""
        now, made = self.monotonic(), self.creations.setdefault(actor, deque())
        while made and made[0] <= now - HOUR:
            made.popleft()
        for limit, window in ((self.limits.writes_minute, MINUTE), (self.limits.writes_hour, HOUR)):
            recent = [at for at in made if at > now - window]
            if limit is not None and len(recent) >= limit:
                wait = max(1, round(recent[-limit] + window - now + 0.5))
                raise Refused(self.limits.secondary_status, SECONDARY, headers={"retry-after": str(wait)})
        made.append(now)
