"""Handles a comment on the diff, possibly with commands, possibly in the thread of one of our findings."""

from webhooks.commands import Request
from webhooks.commands.parser import new_commands, parse
from webhooks.delivery import Delivery
from webhooks.handlers import commented
from webhooks.jobs import AnswerInThread, Job
from webhooks.payload import BodyChanges, GitHubPayload, PayloadAccount, RepositoryEvent, author_of


class _Comment(GitHubPayload):
    id: int
    body: str | None = None
    user: PayloadAccount | None = None
    in_reply_to_id: int | None = None


class _PullRequest(GitHubPayload):
    number: int
    locked: bool = False


class ReviewCommentEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request_review_comment"""

    comment: _Comment
    pull_request: _PullRequest
    changes: BodyChanges | None = None


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """Commands as in the conversation; a reply without any goes to the seats if the thread is about a finding."""
    if delivery.action not in {"created", "edited"}:
        return ()
    event = ReviewCommentEvent.model_validate(delivery.payload)
    comment = event.comment
    if event.pull_request.locked or event.sender.is_bot or (comment.user is not None and comment.user.is_bot):
        return ()
    login = author_of(event, comment.user, new=delivery.action == "created")
    request = Request(
        installation_id=event.installation.id,
        repository=event.repository.ref,
        number=event.pull_request.number,
        on_pull_request=True,
        comment_id=comment.id,
        login=login,
        thread_id=comment.in_reply_to_id or comment.id,
    )
    body = comment.body or ""
    if delivery.action == "edited":
        was = event.changes.body.was if event.changes is not None and event.changes.body is not None else body
        return commented.jobs(request, new_commands(body, was, delivery.slug))
    calls = parse(body, delivery.slug)
    if calls or comment.in_reply_to_id is None:
        return commented.jobs(request, calls)
    return (_answer(request),)


def _answer(request: Request) -> Job:
    return AnswerInThread(
        installation_id=request.installation_id,
        repository=request.repository,
        number=request.number,
        comment_id=request.comment_id,
        login=request.login,
        thread_id=request.thread_id,
    )
