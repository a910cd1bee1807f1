"""Jobs of questions to the council: asked in a comment or on a page, and what became of the answers."""

from enum import StrEnum
from typing import Literal

from webhooks.job import FromComment, Frozen, RepositoryRef, digest


class Consult(FromComment):
    """Ask the council a question; `question` is the rest of the command's line, and the comment holds the rest."""

    kind: Literal["consult"] = "consult"
    specialist: str = "ask"
    question: str = ""

    @property
    def key(self) -> str:
        # One comment may ask twice; what it asks tells the two apart.
        return f"consult:{self.repository.id}:{self.number}:{self.comment}:{self.specialist}:{digest(self.question)}"


class Recollection(StrEnum):
    """What is asked of the memory, or told to it."""

    HELPFUL = "helpful"
    NOT_HELPFUL = "not-helpful"
    RESOLVED = "resolved"
    HISTORY = "history"
    # Said by nobody: the issue was closed after the answer, or people reacted to it.
    CLOSED = "closed"
    THUMBS_UP = "thumbs-up"
    THUMBS_DOWN = "thumbs-down"


class Remember(FromComment):
    """Note what became of the newest answer of a conversation, or look for earlier ones; `argument` is the rest of the line."""

    kind: Literal["remember"] = "remember"
    what: Recollection
    argument: str = ""

    @property
    def key(self) -> str:
        return f"remember:{self.repository.id}:{self.number}:{self.comment}:{self.what}:{digest(self.argument)}"


class AskAbout(Frozen):
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


class NoteClosed(Frozen):
    """An issue was closed as completed, or opened again: a sign of what its newest answer was worth; `guid` is the delivery's."""

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
