"""A thread on the diff was resolved, or opened again."""

from webhooks.delivery import Delivery
from webhooks.jobs import Job, NoteThread
from webhooks.payload import InRepository, Payload


class _Comment(Payload):
    id: int


class _Thread(Payload):
    comments: tuple[_Comment, ...] = ()


class _PullRequest(Payload):
    number: int


class ReviewThreadEvent(InRepository):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request_review_thread"""

    thread: _Thread
    pull_request: _PullRequest


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """What people made of the finding that the thread's first comment is about; a bot's word is none."""
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
