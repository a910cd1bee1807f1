"""The base of all jobs: frozen values, a repository by its id, and short names for keys."""

import hashlib

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True)


def digest(text: str) -> str:
    """A short name for a text, for keys: 10 hex digits."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]


class RepositoryRef(FrozenModel):
    """A repository as a delivery names it; `full_name` is "owner/name"."""

    id: int
    full_name: str


class FromComment(FrozenModel):
    """A job from a comment; `comment_id` is 0 for an issue's own text, `thread_id` 0 for a comment outside of the diff.

    With `in_review` it is a review's own text, and `comment_id` the review's.

    `login` wrote or edited it. Of several commands in one comment, each waits for those of an earlier `turn`, counted from 1.
    """

    installation_id: int
    repository: RepositoryRef
    number: int
    comment_id: int
    login: str
    thread_id: int = 0
    in_review: bool = False
    turn: int = 0

    @property
    def comment(self) -> str:
        """The comment's name within its repository, for keys."""
        name = comment_name(self.number, self.comment_id, self.thread_id)
        return f"r{name}" if self.in_review else name

    @property
    def lane(self) -> str:
        """The name of the lane whose jobs run one after the other; "" for a job that waits for nothing."""
        return f"{self.repository.id}:{self.comment}" if self.turn else ""


def comment_name(number: int, comment_id: int, thread_id: int) -> str:
    """Comments of the conversation and of the diff have separate numbers; an issue's own text has only the issue's number."""
    if not comment_id:
        return f"i{number}"
    return f"d{comment_id}" if thread_id else str(comment_id)
