"""The work a delivery asks for: a union of frozen jobs, each with a stable key."""

import hashlib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True)


def digest(text: str) -> str:
    """A short name for a text, for keys: 10 hex digits."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]


class RepositoryRef(_Job):
    """A repository as a delivery names it; `full_name` is "owner/name"."""

    id: int
    full_name: str


class Cause(StrEnum):
    """What started a review."""

    AUTO = "auto"
    COMMAND = "command"
    RERUN = "rerun"


class Arguments(_Job):
    """What a command asks for beyond the settings: preferences, and a limit that only ever lowers one; `full` looks at everything."""

    models: tuple[str, ...] = ()
    preset: str = ""
    budget_usd: float | None = None
    full: bool = False


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
    arguments: Arguments = Arguments()
    thread_id: int = 0

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
    """React with 👀 to the comment that holds a command; a comment on the diff has a `thread_id`, an issue's own text no id."""

    kind: Literal["acknowledge"] = "acknowledge"
    installation_id: int
    repository: RepositoryRef
    comment_id: int
    thread_id: int = 0
    number: int = 0

    @property
    def key(self) -> str:
        return f"acknowledge:{self.repository.id}:{_comment(self)}"


class Reply(_Job):
    """Answer a command with fixed words: the help, or what was wrong with the command."""

    kind: Literal["reply"] = "reply"
    installation_id: int
    repository: RepositoryRef
    number: int
    comment_id: int
    login: str
    text: str
    thread_id: int = 0

    @property
    def key(self) -> str:
        return f"reply:{self.repository.id}:{_comment(self)}:{digest(self.text)}"


class ExecuteCommand(_Job):
    """Do what a command of a pull request asks for; its words are read again only by whoever does it."""

    kind: Literal["command"] = "command"
    installation_id: int
    repository: RepositoryRef
    number: int
    comment_id: int
    login: str
    name: str
    argument: str = ""
    thread_id: int = 0

    @property
    def key(self) -> str:
        return f"command:{self.repository.id}:{_comment(self)}:{self.name}:{digest(self.argument)}"


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


class AnswerInThread(_Job):
    """Somebody replied in a thread on the diff: if it is about a finding, the seats that raised or rejected it answer."""

    kind: Literal["thread"] = "thread"
    installation_id: int
    repository: RepositoryRef
    number: int
    comment_id: int
    login: str
    thread_id: int

    @property
    def key(self) -> str:
        return f"thread:{self.repository.id}:{_comment(self)}"


class NoteThread(_Job):
    """A thread on the diff was resolved, or opened again."""

    kind: Literal["resolved"] = "resolved"
    installation_id: int
    repository: RepositoryRef
    number: int
    thread_id: int
    login: str
    resolved: bool
    guid: str

    @property
    def key(self) -> str:
        return f"resolved:{self.repository.id}:{self.thread_id}:{self.guid}"


class CollectFeedback(_Job):
    """Look at the reactions to what we posted, for they send no webhook; `slot` is the turn it belongs to."""

    kind: Literal["feedback"] = "feedback"
    installation_id: int = 0
    slot: str

    @property
    def key(self) -> str:
        return f"feedback:{self.slot}"


def _comment(job: "Acknowledge | Reply | ExecuteCommand | AnswerInThread") -> str:
    """Comments of the conversation and of the diff are numbered apart; an issue's own text has no number but the issue's."""
    if not job.comment_id:
        return f"i{job.number}"
    return f"d{job.comment_id}" if job.thread_id else str(job.comment_id)


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
    | ExecuteCommand
    | AnswerInThread
    | NoteThread
    | CollectFeedback
    | ExplainChecks
    | SyncInstallation
    | Reconcile
    | Prune,
    Field(discriminator="kind"),
]
