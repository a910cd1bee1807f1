"""The work a delivery asks for: a union of frozen jobs, each with a stable key."""

import hashlib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True)


class RepositoryRef(_Job):
    """A repository as a delivery names it; `full_name` is "owner/name"."""

    id: int
    full_name: str


class Cause(StrEnum):
    """What started a review."""

    AUTO = "auto"
    COMMAND = "command"
    RERUN = "rerun"


class ReviewPullRequest(_Job):
    """Review a pull request at its head.

    `trigger` is "auto", a comment id or a rerequest GUID: with the head SHA it is a run's key.
    `head_sha` is "" where the delivery carries none.
    `on` is the action that an automatic review follows; `pushed` asks for the debounce of pushes.
    `login` is who asked, by which comment, and `focus` what for; `rerun_of` is the run whose check run was re-run.
    """

    kind: Literal["review"] = "review"
    installation_id: int
    repository: RepositoryRef
    number: int
    head_sha: str = ""
    cause: Cause = Cause.AUTO
    trigger: str = "auto"
    on: str = ""
    pushed: bool = False
    login: str = ""
    comment_id: int = 0
    rerun_of: str = ""
    focus: str = ""

    @property
    def key(self) -> str:
        head = self.head_sha or "head"
        return f"review:{self.repository.id}:{self.number}:{head}:{self.trigger}"


class CancelReviews(_Job):
    """Stop what is under way for a pull request that was closed or became a draft."""

    kind: Literal["cancel"] = "cancel"
    installation_id: int
    repository: RepositoryRef
    number: int
    guid: str

    @property
    def key(self) -> str:
        return f"cancel:{self.repository.id}:{self.number}:{self.guid}"


class Acknowledge(_Job):
    """React with 👀 to the comment that holds a command."""

    kind: Literal["acknowledge"] = "acknowledge"
    installation_id: int
    repository: RepositoryRef
    comment_id: int

    @property
    def key(self) -> str:
        return f"acknowledge:{self.repository.id}:{self.comment_id}"


class Reply(_Job):
    """Answer a command with fixed words: the help, or what was wrong with the command."""

    kind: Literal["reply"] = "reply"
    installation_id: int
    repository: RepositoryRef
    number: int
    comment_id: int
    login: str
    text: str

    @property
    def key(self) -> str:
        return f"reply:{self.repository.id}:{self.comment_id}"


class Consult(_Job):
    """Ask the council a question; `question` is the rest of the command's line, and the comment holds the rest."""

    kind: Literal["consult"] = "consult"
    installation_id: int
    repository: RepositoryRef
    number: int
    comment_id: int
    login: str
    specialist: str = "ask"
    question: str = ""

    @property
    def key(self) -> str:
        # One comment may ask twice; what it asks tells the two apart.
        asked = hashlib.sha256(self.question.encode(errors="surrogatepass")).hexdigest()[:8]
        return f"consult:{self.repository.id}:{self.number}:{self.comment_id}:{self.specialist}:{asked}"


class Recollection(StrEnum):
    """What is asked of the memory, or told to it."""

    HELPFUL = "helpful"
    NOT_HELPFUL = "not-helpful"
    RESOLVED = "resolved"
    HISTORY = "history"


class Remember(_Job):
    """Note what became of the newest answer of a conversation, or look for earlier ones; `argument` is the rest of the line."""

    kind: Literal["remember"] = "remember"
    installation_id: int
    repository: RepositoryRef
    number: int
    comment_id: int
    login: str
    what: Recollection
    argument: str = ""

    @property
    def key(self) -> str:
        return f"remember:{self.repository.id}:{self.number}:{self.comment_id}:{self.what}"


class AskAbout(_Job):
    """Answer a question that was asked on a page or through the HTTP API: of the consultation `id`, in a `conversation`."""

    kind: Literal["ask"] = "ask"
    installation_id: int
    repository: RepositoryRef
    id: str
    conversation: str
    login: str
    specialist: str = "ask"

    @property
    def key(self) -> str:
        return f"ask:{self.repository.id}:{self.conversation}:{self.id}"


class ExplainChecks(_Job):
    """Say why a head is red; `source` names the run, suite or status that turned red."""

    kind: Literal["ci"] = "ci"
    installation_id: int
    repository: RepositoryRef
    head_sha: str
    source: str

    @property
    def key(self) -> str:
        return f"ci:{self.repository.id}:{self.head_sha}:{self.source}"


class InstallationChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    SUSPENDED = "suspended"
    UNSUSPENDED = "unsuspended"


class SyncInstallation(_Job):
    """Note that an installation, or some of its repositories, came, went or was suspended; no repositories means all of it."""

    kind: Literal["installation"] = "installation"
    installation_id: int
    account: str
    change: InstallationChange
    repositories: tuple[RepositoryRef, ...] = ()
    guid: str

    @property
    def key(self) -> str:
        return f"installation:{self.installation_id}:{self.guid}"


class ChangePlan(_Job):
    """Note the plan that an account has on GitHub Marketplace, "" for none; `changed_at` is when it took effect."""

    kind: Literal["plan"] = "plan"
    installation_id: int = 0
    account: str
    plan: str
    changed_at: float
    guid: str

    @property
    def key(self) -> str:
        return f"plan:{self.account.lower()}:{self.guid}"


class Reconcile(_Job):
    """Ask GitHub what was missed: failed deliveries and, with `sweep`, open pull requests whose head has no run.

    `slot` is the turn it belongs to.
    """

    kind: Literal["reconcile"] = "reconcile"
    installation_id: int = 0
    slot: str
    sweep: bool = True

    @property
    def key(self) -> str:
        return f"reconcile:{self.slot}"


class Prune(_Job):
    """Drop what was kept long enough; `slot` is the turn it belongs to."""

    kind: Literal["prune"] = "prune"
    installation_id: int = 0
    slot: str

    @property
    def key(self) -> str:
        return f"prune:{self.slot}"


Job = Annotated[
    ReviewPullRequest
    | CancelReviews
    | Acknowledge
    | Reply
    | AskAbout
    | Consult
    | Remember
    | ExplainChecks
    | SyncInstallation
    | ChangePlan
    | Reconcile
    | Prune,
    Field(discriminator="kind"),
]
