"""Handles a review that a person submitted or edited: its own text may contain commands."""

from webhooks.commands import Request
from webhooks.commands.parser import new_commands, parse
from webhooks.delivery import Delivery
from webhooks.handlers import commented
from webhooks.jobs import Job
from webhooks.payload import BodyChanges, GitHubPayload, PayloadAccount, RepositoryEvent, author_of


class _Review(GitHubPayload):
    id: int
    body: str = ""
    user: PayloadAccount | None = None


class _PullRequest(GitHubPayload):
    number: int
    locked: bool = False


class ReviewEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request_review"""

    review: _Review
    pull_request: _PullRequest
    changes: BodyChanges | None = None


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """The same as for a comment; the review's comments on the diff have separate events. GitHub has no reactions to a review's text."""
    if delivery.action not in {"submitted", "edited"}:
        return ()
    event = ReviewEvent.model_validate(delivery.payload)
    review = event.review
    if event.pull_request.locked or event.sender.is_bot or (review.user is not None and review.user.is_bot):
        return ()
    if delivery.action == "edited":
        was = event.changes.body.was if event.changes is not None and event.changes.body is not None else review.body
        calls = new_commands(review.body, was, delivery.slug)
    else:
        calls = parse(review.body, delivery.slug)
    login = author_of(event, review.user, new=delivery.action == "submitted")
    request = Request(
        installation_id=event.installation.id,
        repository=event.repository.ref,
        number=event.pull_request.number,
        on_pull_request=True,
        comment_id=review.id,
        login=login,
        in_review=True,
    )
    return commented.jobs(request, calls)
