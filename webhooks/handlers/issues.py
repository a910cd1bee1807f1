"""Handles an issue that was opened or edited, possibly with commands in its text, or closed, possibly after an answer."""

from webhooks.commands import Request
from webhooks.commands.parser import new_commands, parse
from webhooks.delivery import Delivery
from webhooks.handlers import commented
from webhooks.jobs import Job, RecordIssueClosed
from webhooks.payload import BodyChanges, GitHubPayload, PayloadAccount, RepositoryEvent, author_of


class _Issue(GitHubPayload):
    number: int
    locked: bool = False
    body: str | None = None
    state_reason: str | None = None
    user: PayloadAccount | None = None
    pull_request: GitHubPayload | None = None


class IssuesEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#issues"""

    issue: _Issue
    changes: BodyChanges | None = None


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """The commands of the issue's text, as in a comment; the text has no id, so its comment id is 0."""
    if delivery.action not in {"opened", "edited", "closed", "reopened"}:
        return ()
    event = IssuesEvent.model_validate(delivery.payload)
    if delivery.action in {"closed", "reopened"}:
        return _closed(event, delivery)
    if event.issue.locked or event.sender.is_bot or (event.issue.user is not None and event.issue.user.is_bot):
        return ()
    body = event.issue.body or ""
    if delivery.action == "opened":
        calls = parse(body, delivery.slug)
    elif event.changes is not None and event.changes.body is not None:
        calls = new_commands(body, event.changes.body.was, delivery.slug)
    else:
        return ()
    login = author_of(event, event.issue.user, new=delivery.action == "opened")
    request = Request(
        installation_id=event.installation.id,
        repository=event.repository.ref,
        number=event.issue.number,
        on_pull_request=event.issue.pull_request is not None,
        comment_id=0,
        login=login,
    )
    return commented.jobs(request, calls)


def _closed(event: IssuesEvent, delivery: Delivery) -> tuple[Job, ...]:
    """An issue closed as not planned, or as a duplicate, says nothing about an answer."""
    closed = delivery.action == "closed"
    if closed and event.issue.state_reason not in {None, "completed"}:
        return ()
    noted = RecordIssueClosed(
        installation_id=event.installation.id,
        repository=event.repository.ref,
        number=event.issue.number,
        login=event.sender.login,
        closed=closed,
        guid=delivery.guid,
    )
    return (noted,)
