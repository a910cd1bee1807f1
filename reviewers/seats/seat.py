"""The interface of every member of a council."""

from typing import Protocol

from reviewers.context.snapshot import Snapshot
from reviewers.values.brief import Brief
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Critique, Opinion, Proposal


class Ballot(FrozenValue):
    """The proposals for one critic, none of them its own; the critic labels and shuffles them by `brief.seed` and its name."""

    brief: Brief
    snapshot: Snapshot
    proposals: tuple[Proposal, ...]


class Member(Protocol):
    """A member of a council."""

    name: str
    vendor: str
    is_model: bool


class Seat(Member, Protocol):
    """A member that reviews changes. Neither method raises: a failure is an outcome."""

    async def opine(self, brief: Brief, snapshot: Snapshot) -> Opinion:
        """Read the snapshot, blind to the other seats."""
        ...

    async def critique(self, ballot: Ballot) -> Critique:
        """Judge the proposals of others."""
        ...
