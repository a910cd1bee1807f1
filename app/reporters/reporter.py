"""What a surface must do."""

from dataclasses import dataclass
from typing import Protocol

from app.github.writes import Writes
from app.reporters.edition import Edition, Outbox


@dataclass(frozen=True)
class Publication:
    """Where something was published; `url` is "" when nothing was, and `reason` then says why."""

    surface: str
    url: str = ""
    reason: str = ""


class Reporter(Protocol):
    """Published twice, or again after a crash at any point, is there once."""

    @property
    def surface(self) -> str: ...

    async def publish(self, edition: Edition, writes: Writes, outbox: Outbox) -> Publication: ...
