"""A question to a council, and the material for it."""

from enum import StrEnum

from reviewers.context.snapshot import Project
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Unseen


class MaterialKind(StrEnum):
    """The kind of a material; specialists request some kinds by name."""

    EARLIER = "earlier-answer"
    ISSUE = "issue"
    COMMENT = "comment"
    LINKED = "linked"
    TRACE = "stack-trace"
    LOG = "log"
    METRICS = "metrics"
    PROFILE = "profile"
    CODE = "code"
    DIFF = "diff"
    COMMIT = "commit"
    CHECK = "failing-check"
    HISTORY = "recent-changes"
    GUIDELINE = "guideline"
    SIMILAR = "similar-consultation"


class Material(FrozenValue):
    """A text with its name and the reason why it is included.

    `path` is its file in the repository, or "" if it is none; the text begins at line `first_line`. `author` is the person who wrote it, if
    any.
    """

    kind: MaterialKind
    name: str
    text: str
    why: str
    path: str = ""
    first_line: int = 1
    author: str = ""
    url: str = ""


class Dossier(FrozenValue):
    """Everything known about a question; `reviewers.context.redaction` masks its texts before a model sees them.

    `sha` is the commit that code was read at, "" without code; `unread` names what could not be read, and why.
    """

    repository: str
    number: int = 0
    title: str = ""
    sha: str = ""
    materials: tuple[Material, ...] = ()
    project: Project = Project()
    unread: tuple[Unseen, ...] = ()

    def of(self, *kinds: MaterialKind) -> tuple[Material, ...]:
        """The materials of these kinds."""
        return tuple(material for material in self.materials if material.kind in kinds)


class Inquiry(FrozenValue):
    """The brief of a question. `seed` decides every shuffle; `instructions` are the repository's own, from its default branch."""

    seed: str
    question: str
    specialist: str = "ask"
    instructions: str = ""
