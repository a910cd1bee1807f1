"""The jobs of deliveries: a union of frozen values, each with a stable key. Add a job here."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from webhooks.job_base import FromComment, FrozenModel, RepositoryRef, comment_name, digest
from webhooks.question_jobs import (
    AnswerCommentQuestion,
    AnswerPageQuestion,
    FeedbackKind,
    RecordAnswerFeedback,
    RecordIssueClosed,
)
from webhooks.upkeep_jobs import (
    ChangePlan,
    CheckMergeGroup,
    CollectFeedback,
    InstallationChange,
    JudgeAnswer,
    LookAgain,
    Prune,
    Reconcile,
    RefreshSummary,
    Replay,
    RerunHead,
    SendNotification,
    SyncInstallation,
    TallySpending,
)


class ReviewCause(StrEnum):
    """What started a review."""

    AUTO = "auto"
    COMMAND = "command"
    RERUN = "rerun"


class Arguments(FrozenModel):
    """A command's preferences in addition to the settings, and a limit that can only lower one; `full` reviews everything."""

    models: tuple[str, ...] = ()
    preset: str = ""
    budget_usd: float | None = None
    full: bool = False


class ReviewPullRequest(FromComment):
    """Review a pull request at its head.

    `trigger` is "auto", a comment id or a rerequest GUID: with the head SHA it is a run's key.
    `head_sha` is "" if the delivery contains none.
    `on` is the action that caused an automatic review; `pushed` requests the debounce of pushes.
    `login` is the person who asked, by which comment, and `focus` what for; `rerun_of` is the run whose check run was re-run.
    `edit` is the delivery of an edit that ticked a box of our summary comment, or "".
    """

    kind: Literal["review"] = "review"
    head_sha: str = ""
    cause: ReviewCause = ReviewCause.AUTO
    trigger: str = "auto"
    on: str = ""
    pushed: bool = False
    login: str = ""
    comment_id: int = 0
    rerun_of: str = ""
    edit: str = ""
    focus: str = ""
    arguments: Arguments = Arguments()

    @property
    def key(self) -> str:
        head = self.head_sha or "head"
        return f"review:{self.repository.id}:{self.number}:{head}:{self.trigger}"


class CancelReviews(FrozenModel):
    """Stop the current reviews of a pull request that was closed or became a draft."""

    kind: Literal["cancel"] = "cancel"
    installation_id: int
    repository: RepositoryRef
    number: int
    guid: str

    @property
    def key(self) -> str:
        return f"cancel:{self.repository.id}:{self.number}:{self.guid}"


class Acknowledge(FrozenModel):
    """React with 👀 to the comment with a command; a comment on the diff has a `thread_id`, an issue's own text no id."""

    kind: Literal["acknowledge"] = "acknowledge"
    installation_id: int
    repository: RepositoryRef
    comment_id: int
    thread_id: int = 0
    number: int = 0

    @property
    def key(self) -> str:
        return f"acknowledge:{self.repository.id}:{comment_name(self.number, self.comment_id, self.thread_id)}"


class SendReply(FromComment):
    """Answer a command with fixed text: the help, or the problem of the command."""

    kind: Literal["reply"] = "reply"
    text: str

    @property
    def key(self) -> str:
        return f"reply:{self.repository.id}:{self.comment}:{digest(self.text)}"


class ExecuteCommand(FromComment):
    """Run a command on a pull request; only the command itself parses its words.

    `edit` is the delivery of an edit that ticked a box of our summary comment, "" for a command in words.
    """

    kind: Literal["command"] = "command"
    name: str
    argument: str = ""
    edit: str = ""

    @property
    def key(self) -> str:
        key = f"command:{self.repository.id}:{self.comment}:{self.name}:{digest(self.argument)}"
        # A box may be ticked, cleared and ticked again.
        return f"{key}:{digest(self.edit)}" if self.edit else key


class ExplainChecks(FrozenModel):
    """Explain why a head fails; `source` names the run, suite or status that failed."""

    kind: Literal["ci"] = "ci"
    installation_id: int
    repository: RepositoryRef
    head_sha: str
    source: str

    @property
    def key(self) -> str:
        return f"ci:{self.repository.id}:{self.head_sha}:{self.source}"


class AnswerInThread(FromComment):
    """A reply in a thread on the diff: if the thread is about a finding, the seats that raised or rejected it answer."""

    kind: Literal["thread"] = "thread"

    @property
    def key(self) -> str:
        return f"thread:{self.repository.id}:{self.comment}"


class NoteThread(FrozenModel):
    """A thread on the diff was resolved or reopened."""

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


Job = Annotated[
    ReviewPullRequest
    | CancelReviews
    | Acknowledge
    | SendReply
    | ExecuteCommand
    | AnswerPageQuestion
    | AnswerCommentQuestion
    | RecordAnswerFeedback
    | RecordIssueClosed
    | AnswerInThread
    | NoteThread
    | CollectFeedback
    | ExplainChecks
    | JudgeAnswer
    | LookAgain
    | RefreshSummary
    | RerunHead
    | SendNotification
    | CheckMergeGroup
    | SyncInstallation
    | ChangePlan
    | Reconcile
    | Replay
    | Prune
    | TallySpending,
    Field(discriminator="kind"),
]

__all__ = [
    "Acknowledge",
    "AnswerCommentQuestion",
    "AnswerInThread",
    "AnswerPageQuestion",
    "Arguments",
    "CancelReviews",
    "ChangePlan",
    "CheckMergeGroup",
    "CollectFeedback",
    "ExecuteCommand",
    "ExplainChecks",
    "FeedbackKind",
    "InstallationChange",
    "Job",
    "JudgeAnswer",
    "LookAgain",
    "NoteThread",
    "Prune",
    "Reconcile",
    "RecordAnswerFeedback",
    "RecordIssueClosed",
    "RefreshSummary",
    "Replay",
    "RepositoryRef",
    "RerunHead",
    "ReviewCause",
    "ReviewPullRequest",
    "SendNotification",
    "SendReply",
    "SyncInstallation",
    "TallySpending",
    "digest",
]
