"""Handles a thread on the diff that was resolved or reopened."""

from webhooks.delivery import Delivery
from webhooks.jobs import Job, NoteThread
from webhooks.payload import GitHubPayload, RepositoryEvent


class _Comment(GitHubPayload):
    id: int


class _Thread(GitHubPayload):
    comments: tuple[_Comment, ...] = ()


class _PullRequest(GitHubPayload):
    number: int


class ReviewThreadEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request_review_thread"""

    thread: _Thread
    pull_request: _PullRequest


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """People's decision about the finding of the thread's first comment; bots are ignored."""
    if delivery.action not in {"resolved", "unresolved"}:
        return ()
    event = ReviewThreadEvent.model_validate(delivery.payload)
    if event.sender.is_bot or not event.thread.comments:
        return ()
    return (
        NoteThread(
            installation_id=event.installation.id,
            repository=event.repository.ref,
            number=event.pull_request.number,
            thread_id=event.thread.comments[0].id,
            login=event.sender.login,
            resolved=delivery.action == "resolved",
            guid=delivery.guid,
        ),
    )
