"""Which event is read by which handler."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from webhooks.delivery import Delivery
from webhooks.handlers import (
    check_run,
    check_suite,
    installation,
    installation_repositories,
    issue_comment,
    marketplace_purchase,
    ping,
    pull_request,
    status,
    workflow_run,
)
from webhooks.jobs import Job

Handler = Callable[[Delivery], tuple[Job, ...]]

HANDLERS: Mapping[str, Handler] = {
    "pull_request": pull_request.handle,
    "issue_comment": issue_comment.handle,
    "check_run": check_run.handle,
    "check_suite": check_suite.handle,
    "workflow_run": workflow_run.handle,
    "status": status.handle,
    "installation": installation.handle,
    "installation_repositories": installation_repositories.handle,
    "marketplace_purchase": marketplace_purchase.handle,
    "ping": ping.handle,
}


def jobs_of(delivery: Delivery) -> tuple[Job, ...] | None:
    """What a delivery asks for; None for an event, or a shape of one, that nobody here knows."""
    handler = HANDLERS.get(delivery.event)
    try:
        return handler(delivery) if handler else None
    except ValidationError:
        # A shape we do not know is GitHub's to change: it is recorded and counted, never a 5xx.
        return None
