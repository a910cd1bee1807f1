"""Handles a pull request that was opened, pushed to, made ready, retargeted, relabeled, retitled, drafted or closed."""

from webhooks.delivery import Delivery
from webhooks.jobs import CancelReviews, Job, LookAgain, ReviewPullRequest
from webhooks.payload import GitHubPayload, RepositoryEvent

_REVIEWED = {"opened", "reopened", "synchronize", "ready_for_review"}
_ENDED = {"closed", "converted_to_draft"}
_RELABELED = {"labeled", "unlabeled"}


class _Branch(GitHubPayload):
    sha: str


class _PullRequest(GitHubPayload):
    number: int
    head: _Branch


class _Changes(GitHubPayload):
    base: GitHubPayload | None = None
    title: GitHubPayload | None = None


class PullRequestEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request"""

    pull_request: _PullRequest
    changes: _Changes | None = None


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """A review of the new head, or the end of the current reviews; a new base is a new diff on the same head."""
    event = PullRequestEvent.model_validate(delivery.payload)
    rebased = event.action == "edited" and event.changes is not None and event.changes.base is not None
    if event.action in _REVIEWED or rebased:
        return (_review(event, delivery.guid if rebased else "auto"),)
    if event.action in _ENDED:
        return (
            CancelReviews(
                installation_id=event.installation.id,
                repository=event.repository.ref,
                number=event.pull_request.number,
                guid=delivery.guid,
            ),
        )
    retitled = event.action == "edited" and event.changes is not None and event.changes.title is not None
    if event.action in _RELABELED or retitled:
        # A pull request that was skipped for its label or title is checked again; everything else stays.
        return (
            LookAgain(
                installation_id=event.installation.id,
                repository=event.repository.ref,
                number=event.pull_request.number,
                head_sha=event.pull_request.head.sha,
                guid=delivery.guid,
            ),
        )
    return ()


def _review(event: PullRequestEvent, trigger: str) -> Job:
    return ReviewPullRequest(
        installation_id=event.installation.id,
        repository=event.repository.ref,
        number=event.pull_request.number,
        head_sha=event.pull_request.head.sha,
        trigger=trigger,
        on="synchronize" if event.action == "edited" else event.action,
        pushed=event.action == "synchronize",
    )
