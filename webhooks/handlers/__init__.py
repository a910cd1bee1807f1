"""The table of events and their handlers. Add an event here."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from webhooks.commands.parser import may_hold_command
from webhooks.delivery import Delivery
from webhooks.handlers import (
    check_run,
    check_suite,
    installation,
    installation_repositories,
    issue_comment,
    issues,
    marketplace_purchase,
    merge_group,
    ping,
    pull_request,
    pull_request_review,
    pull_request_review_comment,
    pull_request_review_thread,
    status,
    workflow_run,
)
from webhooks.jobs import Job

Handler = Callable[[Delivery], tuple[Job, ...]]

HANDLERS: Mapping[str, Handler] = {
    "pull_request": pull_request.handle,
    "issue_comment": issue_comment.handle,
    "issues": issues.handle,
    "pull_request_review": pull_request_review.handle,
    "pull_request_review_comment": pull_request_review_comment.handle,
    "pull_request_review_thread": pull_request_review_thread.handle,
    "check_run": check_run.handle,
    "check_suite": check_suite.handle,
    "merge_group": merge_group.handle,
    "workflow_run": workflow_run.handle,
    "status": status.handle,
    "installation": installation.handle,
    "installation_repositories": installation_repositories.handle,
    "marketplace_purchase": marketplace_purchase.handle,
    "ping": ping.handle,
}
_COMMENTED = frozenset({"issue_comment", "issues", "pull_request_review_comment"})


def reads_markdown(delivery: Delivery, slug: str = "") -> bool:
    """Whether the handler of a delivery parses a comment or an issue as Markdown, which may take some tenths of a second."""
    said = delivery.payload.get("comment") or (delivery.payload.get("issue") if delivery.event == "issues" else None)
    body = said.get("body") if isinstance(said, dict) else None
    return delivery.event in _COMMENTED and isinstance(body, str) and may_hold_command(body, slug)


def jobs_of(delivery: Delivery, slug: str = "") -> tuple[Job, ...] | None:
    """The jobs of a delivery; None for an unknown event, or an event of unknown shape. `slug` is the App's own name."""
    handler = HANDLERS.get(delivery.event)
    try:
        return handler(delivery.model_copy(update={"slug": slug})) if handler else None
    except ValidationError:
        # GitHub may change a shape at any time: the delivery is recorded and counted, never a 5xx.
        return None
