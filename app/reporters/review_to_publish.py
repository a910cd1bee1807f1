"""The input of every reporter: one run's verdict and what else its posts show."""

from dataclasses import dataclass
from typing import Protocol

from app.configuration.repository_config import RepositoryConfig
from app.store.reviews.outbox import OutboxEntry
from reviewers.context.snapshot import Snapshot
from reviewers.values.verdict import Verdict


@dataclass(frozen=True)
class ReviewToPublish:
    """A verdict, ready to publish.

    `web_url` is the root of GitHub's pages ("https://github.com"); `run_url` is "" if this server has no public page.
    `said` are fingerprints that an earlier run posted inline on this pull request; `problems` are config errors, one line each.
    `budget_left` is a clause on the remaining budget, or ""; `budget_warning` is a sentence if most of it is used, or "".
    `notice` is a sentence on what happens next, or "".
    `refusals` are surfaces that GitHub rejected, one line each; `resolved` are fingerprints whose threads people resolved.
    """

    run_id: str
    snapshot: Snapshot
    verdict: Verdict
    config: RepositoryConfig
    web_url: str
    run_url: str = ""
    said: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()
    budget_left: str = ""
    budget_warning: str = ""
    notice: str = ""
    refusals: tuple[str, ...] = ()
    resolved: frozenset[str] = frozenset()


class Outbox(Protocol):
    """The record of one run's effects. Every method raises Superseded if the lease was lost or the head moved."""

    async def intend(self, surface: str) -> OutboxEntry:
        """Write the intention, or return the one that a crashed attempt left."""
        ...

    async def recall(self, surface: str) -> OutboxEntry | None:
        """The intention, if there is one, even if the run is outdated."""
        ...

    async def created(self, surface: str, remote_id: str, url: str) -> OutboxEntry:
        """Record the id that GitHub returned, before it is used."""
        ...

    async def conclude(self, surface: str) -> None:
        """Record that the last write of an effect comes next."""
        ...

    async def done(self, surface: str) -> None:
        """Record that the effect is complete."""
        ...

    async def summary_comment(self) -> int | None:
        """The id of this pull request's summary comment from an earlier run, if known."""
        ...
