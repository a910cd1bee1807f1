"""Jobs that no comment asked for: installation changes, scheduled maintenance, and requests from pages and check runs."""

from enum import StrEnum
from typing import Literal

from webhooks.job_base import FrozenModel, RepositoryRef


class InstallationChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    SUSPENDED = "suspended"
    UNSUSPENDED = "unsuspended"
    PERMITTED = "permitted"


class SyncInstallation(FrozenModel):
    """Record that an installation, or some of its repositories, came, went, was suspended or got permissions; no repositories means all."""

    kind: Literal["installation"] = "installation"
    installation_id: int
    account: str
    change: InstallationChange
    repositories: tuple[RepositoryRef, ...] = ()
    guid: str

    @property
    def key(self) -> str:
        return f"installation:{self.installation_id}:{self.guid}"


class ChangePlan(FrozenModel):
    """Record the plan of an account on GitHub Marketplace, "" for none; `changed_at` is when it took effect."""

    kind: Literal["plan"] = "plan"
    installation_id: int = 0
    account: str
    plan: str
    changed_at: float
    guid: str

    @property
    def key(self) -> str:
        return f"plan:{self.account.lower()}:{self.guid}"


class Reconcile(FrozenModel):
    """Find what was missed: GitHub's failed deliveries and, with `sweep`, open pull requests whose head has no run.

    `slot` is its turn in the schedule.
    """

    kind: Literal["reconcile"] = "reconcile"
    installation_id: int = 0
    slot: str
    sweep: bool = True

    @property
    def key(self) -> str:
        return f"reconcile:{self.slot}"


class Replay(FrozenModel):
    """Repeat the effects of a delivery of the past days, as far as they are missing; `slot` separates two requests."""

    kind: Literal["replay"] = "replay"
    installation_id: int = 0
    guid: str
    slot: str

    @property
    def key(self) -> str:
        return f"replay:{self.guid}:{self.slot}"


class Prune(FrozenModel):
    """Delete data past its retention; `slot` is its turn in the schedule."""

    kind: Literal["prune"] = "prune"
    installation_id: int = 0
    slot: str

    @property
    def key(self) -> str:
        return f"prune:{self.slot}"


class TallySpending(FrozenModel):
    """Add up the spending by day; `slot` names the turn, so that one of many workers does it."""

    kind: Literal["tally"] = "tally"
    installation_id: int = 0
    slot: str

    @property
    def key(self) -> str:
        return f"tally:{self.slot}"


class CollectFeedback(FrozenModel):
    """Read the reactions to our posts, because they cause no webhook; `slot` is its turn in the schedule."""

    kind: Literal["feedback"] = "feedback"
    installation_id: int = 0
    slot: str

    @property
    def key(self) -> str:
        return f"feedback:{self.slot}"


class SendNotification(FrozenModel):
    """Send a queued notification; the test message of an organization's channel belongs to no repository."""

    kind: Literal["notify"] = "notify"
    installation_id: int
    repository: RepositoryRef | None = None
    notification_id: str

    @property
    def key(self) -> str:
        return f"notify:{self.notification_id}"


class RefreshSummary(FrozenModel):
    """Rewrite the posted summary of a pull request after a page changed its content; `slot` separates two changes."""

    kind: Literal["refresh"] = "refresh"
    installation_id: int
    repository: RepositoryRef
    number: int
    slot: str

    @property
    def key(self) -> str:
        return f"refresh:{self.repository.id}:{self.number}:{self.slot}"


class JudgeAnswer(FrozenModel):
    """Record a person's rating of an answer on a page; `slot` separates two ratings by one person."""

    kind: Literal["judge"] = "judge"
    installation_id: int
    repository: RepositoryRef
    consultation_id: str
    login: str
    helped: bool
    slot: str

    @property
    def key(self) -> str:
        return f"judge:{self.consultation_id}:{self.slot}"


class LookAgain(FrozenModel):
    """A label or the title of a pull request changed: review its head if a rule had skipped it; `guid` is the delivery's."""

    kind: Literal["again"] = "again"
    installation_id: int
    repository: RepositoryRef
    number: int
    head_sha: str
    guid: str

    @property
    def key(self) -> str:
        return f"again:{self.repository.id}:{self.number}:{self.guid}"


class RerunHead(FrozenModel):
    """A person asked to run a head's checks again; `numbers` are the pull requests that GitHub names, none for a fork's."""

    kind: Literal["rerun"] = "rerun"
    installation_id: int
    repository: RepositoryRef
    head_sha: str
    login: str
    guid: str
    numbers: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        return f"rerun:{self.repository.id}:{self.head_sha}:{self.guid}"


class CheckMergeGroup(FrozenModel):
    """Report on the head of a merge group how the reviews of its pull requests ended.

    `base_sha` is the group's parent, `head_ref` a branch of GitHub's that names the last pull request, `base_ref` the branch
    that is merged into.
    """

    kind: Literal["merge_group"] = "merge_group"
    installation_id: int
    repository: RepositoryRef
    head_sha: str
    head_ref: str
    base_sha: str
    base_ref: str

    @property
    def key(self) -> str:
        return group_key(self.repository.id, self.head_sha)


def group_key(repository_id: int, head_sha: str) -> str:
    """The key of the job for a merge group: one per head."""
    return f"merge_group:{repository_id}:{head_sha}"
