"""Handles a changed commit status, from CI that creates no check runs."""

from webhooks.delivery import Delivery
from webhooks.jobs import ExplainChecks, Job
from webhooks.payload import RepositoryEvent

_RED = frozenset({"failure", "error"})


class StatusEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#status"""

    id: int
    sha: str
    state: str


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """An explanation of the failure; each status has its own id, so the same context may fail twice."""
    event = StatusEvent.model_validate(delivery.payload)
    if event.state not in _RED:
        return ()
    source = f"status:{event.id}"
    return (ExplainChecks(installation_id=event.installation.id, repository=event.repository.ref, head_sha=event.sha, source=source),)
