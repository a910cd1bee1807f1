"""Requests as the routes see them, answers, and route matching."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from app.sandbox.faults import FaultRule
from app.sandbox.github.auth import Actor
from app.sandbox.github.entities import Json, PullRequest, User
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.shapes.links import Links

if TYPE_CHECKING:
    from app.sandbox.github.service import SandboxGitHub

Thing = TypeVar("Thing")
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class SandboxResponse:
    """A route's answer. `body` is JSON, or text of another media type."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = JSON


@dataclass(frozen=True)
class Route:
    """A route. `needs` is the permission that its token needs, or "app" for the JWT, or "token" for any token.

    `resource` names the limit that it counts against.
    """

    method: str
    path: str
    handler: "Callable[[SandboxRequest], SandboxResponse]"
    needs: str = ""
    creates: bool = False
    resource: str = "core"

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The parameters of a matching path."""
        if method != self.method:
            return None
        found = self._pattern.fullmatch(path)
        return found.groupdict() if found else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)(\*?)\}", lambda hole: f"(?P<{hole[1]}>{'.*' if hole[2] else '[^/]+'})", self.path))


@dataclass
class SandboxRequest:
    """One request. Reads through `fresh` do not see what was written within the lag."""

    github: "SandboxGitHub"
    actor: Actor
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    accept: str
    url: str
    fault: FaultRule | None = None

    @property
    def links(self) -> Links:
        return self.github.links

    @property
    def repository(self) -> SandboxRepository:
        return self.github.authenticator.repository(self.actor, f"{self.params['owner']}/{self.params['repo']}")

    @property
    def pull(self) -> PullRequest:
        return self.repository.pull(self.number("number"))

    @property
    def viewer(self) -> User:
        """The account of the token."""
        return self.github.world.app.bot

    def number(self, name: str) -> int:
        """A numeric parameter. Anything else is not found."""
        text = self.params[name]
        return int(text) if text.isdigit() else -1

    def fresh(self, items: Iterable[Thing]) -> list[Thing]:
        """The items without those written so recently that a read may miss them."""
        return [item for item in items if not self.github.is_too_new(item)]

    def page(self, items: Sequence[Thing], shape: "Callable[[Thing], Any]", wrap: str = "") -> SandboxResponse:
        """One page of a list, with GitHub's Link header. `wrap` names the list inside an object with a count."""
        size = min(max(_integer(self.query.get("per_page"), 30), 1), 100)
        number = max(_integer(self.query.get("page"), 1), 1)
        last = max((len(items) + size - 1) // size, 1)
        shown = [shape(item) for item in items[(number - 1) * size : number * size]]
        near = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        wanted = {
            word: at for word, at in near.items() if (word in ("prev", "first")) == (at < number) and 1 <= at <= last and at != number
        }
        address = self.url.partition("?")[0]
        link = ", ".join(f'<{address}?{urlencode({**self.query, "page": at})}>; rel="{word}"' for word, at in wanted.items())
        body: Any = {"total_count": len(items), wrap: shown} if wrap else shown
        return SandboxResponse(body, headers={"link": link} if link else {})


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and text.lstrip("-").isdigit() else default
