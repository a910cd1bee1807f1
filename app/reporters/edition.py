"""What is handed to every reporter: one run's verdict on its way out."""

from dataclasses import dataclass
from typing import Protocol

from app.github.repository_config import RepositoryConfig
from app.store.outbox import Entry
from reviewers.context.snapshot import Snapshot
from reviewers.verdict import Verdict


@dataclass(frozen=True)
class Edition:
    """A verdict, ready to publish.

    `web_url` is GitHub's page host ("https://github.com"); `run_url` is "" when this server has no public page.
    `said` are fingerprints that an earlier run already posted inline on this pull request; `problems` are config errors, one line each.
    `budget_left` is a clause on the budget that is left, or ""; `budget_warning` a sentence where most of it is used, or "".
    `notice` is a sentence on what happens next, or "".
    `refusals` are surfaces that GitHub refused, one line each; `resolved` are fingerprints whose threads people resolved.
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
    """The record of effects of one run; every method raises Superseded when the lease was lost or the head moved."""

    async def intend(self, surface: str) -> Entry:
        """Write the intention, or read the one that a crashed attempt left."""
        ...

    async def recall(self, surface: str) -> Entry | None:
        """The intention, if there is one, whether or not the run is still wanted."""
        ...

    async def created(self, surface: str, remote_id: str, url: str) -> Entry:
        """Note the id GitHub gave, before anything else is done with it."""
        ...

    async def conclude(self, surface: str) -> None:
        """Note that the last write of an effect is about to be made."""
        ...

    async def done(self, surface: str) -> None:
        """Note that the effect is complete."""
        ...

    async def summary_comment(self) -> int | None:
        """The id of this pull request's summary comment from any earlier run, if one is known."""
        ...
