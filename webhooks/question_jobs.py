"""Jobs for questions to the council, from a comment or a page, and for the outcome of the answers."""

from enum import StrEnum
from typing import Literal

from webhooks.job_base import FromComment, FrozenModel, RepositoryRef, digest


class AnswerCommentQuestion(FromComment):
    """Ask the council a question; `question` is the rest of the command's line, and the comment contains the rest."""

    kind: Literal["consult"] = "consult"
    specialist: str = "ask"
    question: str = ""

    @property
    def key(self) -> str:
        # One comment may ask twice, with different questions.
        return f"consult:{self.repository.id}:{self.number}:{self.comment}:{self.specialist}:{digest(self.question)}"


class FeedbackKind(StrEnum):
    """A request to the memory, or a note for it."""

    HELPFUL = "helpful"
    NOT_HELPFUL = "not-helpful"
    RESOLVED = "resolved"
    HISTORY = "history"
    # Not from a person's command: the issue was closed after the answer, or people reacted to it.
    CLOSED = "closed"
    THUMBS_UP = "thumbs-up"
    THUMBS_DOWN = "thumbs-down"


class RecordAnswerFeedback(FromComment):
    """Record the outcome of a conversation's newest answer, or find earlier ones; `argument` is the rest of the line."""

    kind: Literal["remember"] = "remember"
    what: FeedbackKind
    argument: str = ""

    @property
    def key(self) -> str:
        return f"remember:{self.repository.id}:{self.number}:{self.comment}:{self.what}:{digest(self.argument)}"


class AnswerPageQuestion(FrozenModel):
    """Answer a question from a page or the HTTP API: of the consultation `id`, in a `conversation`."""

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


class RecordIssueClosed(FrozenModel):
    """An issue was closed as completed, or reopened: a sign of the value of its newest answer; `guid` is the delivery's."""

    kind: Literal["closed"] = "closed"
    installation_id: int
    repository: RepositoryRef
    number: int
    login: str
    closed: bool
    guid: str

    @property
    def key(self) -> str:
        return f"closed:{self.repository.id}:{self.number}:{self.guid}"
