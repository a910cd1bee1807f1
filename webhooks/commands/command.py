"""What a command is, and the comment it was given in."""

from dataclasses import dataclass
from typing import Protocol

from webhooks.jobs import Job, Reply, RepositoryRef


@dataclass(frozen=True)
class Request:
    """The comment that holds a command. Permission is read when the job runs, not here."""

    installation_id: int
    repository: RepositoryRef
    number: int
    on_pull_request: bool
    comment_id: int
    login: str

    def reply(self, text: str) -> Reply:
        """An answer in fixed words."""
        return Reply(
            installation_id=self.installation_id,
            repository=self.repository,
            number=self.number,
            comment_id=self.comment_id,
            login=self.login,
            text=text,
        )


class ToJob(Protocol):
    def __call__(self, request: Request, argument: str) -> Job: ...


@dataclass(frozen=True)
class Command:
    """A slash command: how it is written, what it does in one clause, and the job it asks for."""

    name: str
    usage: str
    does: str
    to_job: ToJob
