"""The types of a slash command and of the comment that contains it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from webhooks.jobs import ExecuteCommand, Job, RepositoryRef, SendReply


class CommandGroup(StrEnum):
    """The heading of a command in the help."""

    REVIEW = "Review"
    FINDINGS = "Findings"
    ASK = "Ask"
    LOOK = "Look"


class CommandRight(StrEnum):
    """What a command does with what is somebody else's; `app/work/commands/authorization.py` says who may."""

    LOOK = "look"
    # It shows what the server spends, or how it is set up.
    TELL = "tell"
    CHANGE = "change"
    # Models are called, which costs money.
    PAY = "pay"


@dataclass(frozen=True)
class Request:
    """The comment that contains a command. The job checks permissions when it runs.

    `login` wrote or edited it; `thread_id` is the first comment of its thread on the diff, 0 in the conversation.
    With `in_review` it is the text of a review, and `comment_id` is the review's.
    """

    installation_id: int
    repository: RepositoryRef
    number: int
    on_pull_request: bool
    comment_id: int
    login: str
    thread_id: int = 0
    in_review: bool = False

    def reply(self, text: str) -> SendReply:
        """An answer with fixed text."""
        return SendReply(
            installation_id=self.installation_id,
            repository=self.repository,
            number=self.number,
            comment_id=self.comment_id,
            login=self.login,
            text=text,
            thread_id=self.thread_id,
        )

    def execute(self, name: str, argument: str = "") -> Job:
        """The command as a job; on an issue, an answer that the command needs a pull request."""
        if not self.on_pull_request:
            return self.reply(f"`/council {name}` works on a pull request; this is an issue.")
        return ExecuteCommand(
            installation_id=self.installation_id,
            repository=self.repository,
            number=self.number,
            comment_id=self.comment_id,
            login=self.login,
            name=name,
            argument=argument[:2_000],
            thread_id=self.thread_id,
        )


class ToJob(Protocol):
    def __call__(self, request: Request, argument: str) -> Job: ...


@dataclass(frozen=True)
class Command:
    """A slash command: its spelling, its purpose in one clause, and its job."""

    name: str
    usage: str
    does: str
    to_job: ToJob
    group: str = CommandGroup.REVIEW
    right: CommandRight = CommandRight.PAY


def plain_command(name: str, does: str, group: CommandGroup, right: CommandRight) -> Command:
    """A command without arguments; the rest of its line is ignored."""

    def to_job(request: Request, argument: str) -> Job:
        return request.execute(name)

    return Command(name, f"/council {name}", does, to_job, group, right)
