"""Logs what reached the sandbox. Tests and benchmarks count from here, never from our own database."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict, Unpack

# POST or DELETE requests without a visible change.
READING = ("create_token", "revoke_token", "graphql", "git_upload_pack", "")


@dataclass(frozen=True)
class Exchange:
    """One request to the sandbox GitHub and its result. `fault` names the injected fault."""

    number: int
    at: float
    method: str
    path: str
    query: str
    operation: str
    actor: str
    status: int
    bytes_in: int
    digest: str
    summary: str
    fault: str = ""
    applied: bool = True
    body: Any = None
    seconds: float = 0.0


class ExchangeFacts(TypedDict):
    """What the service knows of an exchange in addition to its request."""

    query: str
    operation: str
    actor: str
    status: int
    applied: bool
    fault: str
    seconds: float


@dataclass
class Log:
    """Every exchange in order. A write is an exchange that may change something. `applied` says whether it did."""

    monotonic: Callable[[], float]
    exchanges: list[Exchange] = field(default_factory=list)

    def add(self, method: str, path: str, body: bytes, **facts: Unpack[ExchangeFacts]) -> Exchange:
        """Add an exchange."""
        digest = hashlib.sha256(body).hexdigest()[:16] if body else ""
        summary = body[:160].decode("utf-8", "replace")
        parsed = _json(body) if method not in ("GET", "HEAD") else None
        exchange = Exchange(
            number=len(self.exchanges) + 1,
            at=self.monotonic(),
            method=method,
            path=path,
            bytes_in=len(body),
            digest=digest,
            summary=summary,
            body=parsed,
            **facts,
        )
        self.exchanges.append(exchange)
        return exchange

    def writes(self, operation: str = "", *, applied: bool | None = None) -> list[Exchange]:
        """Requests meant to change something, by operation name, without token requests, GraphQL reads and fetches."""
        return [
            exchange
            for exchange in self.exchanges
            if exchange.method not in ("GET", "HEAD")
            and exchange.operation not in READING
            and operation in ("", exchange.operation)
            and applied in (None, exchange.applied)
        ]

    def clear(self) -> None:
        """Delete everything so far."""
        self.exchanges.clear()

    def as_json(self, *, writes: bool = False) -> list[dict[str, Any]]:
        """The exchanges in the form of the control API."""
        return [asdict(exchange) for exchange in (self.writes() if writes else self.exchanges)]


def _json(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
