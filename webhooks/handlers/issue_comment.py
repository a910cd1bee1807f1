"""Handles a comment on an issue or a pull request, possibly with commands."""

from webhooks import tick_boxes
from webhooks.commands import Request
from webhooks.commands.parser import new_commands, parse
from webhooks.delivery import Delivery
from webhooks.handlers import commented, ticked
from webhooks.jobs import Job
from webhooks.payload import BodyChanges, GitHubPayload, PayloadAccount, RepositoryEvent, author_of


class _Comment(GitHubPayload):
    id: int
    body: str | None = None
    user: PayloadAccount | None = None


class _Issue(GitHubPayload):
    number: int
    locked: bool = False
    pull_request: GitHubPayload | None = None


class IssueCommentEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment"""

    issue: _Issue
    comment: _Comment
    changes: BodyChanges | None = None


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """The commands of a new comment, or those that an edit added, on behalf of the editor; ticked boxes in our summary count as commands.

    Ignores bots and locked conversations, in which an App may not answer.
    """
    if delivery.action not in {"created", "edited"}:
        return ()
    event = IssueCommentEvent.model_validate(delivery.payload)
    if event.issue.locked or event.sender.is_bot:
        return ()
    body = event.comment.body or ""
    was = event.changes.body.was if event.changes is not None and event.changes.body is not None else None
    if event.comment.user is not None and event.comment.user.is_bot:
        may_be_ours = not delivery.slug or event.comment.user.login == f"{delivery.slug}[bot]"
        if delivery.action != "edited" or was is None or not may_be_ours or not event.sender.login:
            return ()
        return ticked.jobs(_request(event, event.sender.login), tick_boxes.read_ticks(was, body), delivery.digest)
    if delivery.action == "created":
        calls = parse(body, delivery.slug)
    elif was is not None:
        calls = new_commands(body, was, delivery.slug)
    else:
        return ()
    login = author_of(event, event.comment.user, new=delivery.action == "created")
    return commented.jobs(_request(event, login), calls)


def _request(event: IssueCommentEvent, login: str) -> Request:
    return Request(
        installation_id=event.installation.id,
        repository=event.repository.ref,
        number=event.issue.number,
        on_pull_request=event.issue.pull_request is not None,
        comment_id=event.comment.id,
        login=login,
    )
