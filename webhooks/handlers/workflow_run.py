"""Handles the end of a GitHub Actions run."""

from webhooks.delivery import Delivery
from webhooks.jobs import ExplainChecks, Job
from webhooks.payload import GitHubPayload, RepositoryEvent

RED = frozenset({"failure", "timed_out", "startup_failure"})


class _WorkflowRun(GitHubPayload):
    id: int
    run_attempt: int = 1
    head_sha: str
    conclusion: str | None = None


class WorkflowRunEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run"""

    workflow_run: _WorkflowRun


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """An explanation of the failure; the run names no pull request of a fork, so the worker finds them by the head."""
    if delivery.action != "completed":
        return ()
    event = WorkflowRunEvent.model_validate(delivery.payload)
    run = event.workflow_run
    if run.conclusion not in RED:
        return ()
    source = f"workflow_run:{run.id}:{run.run_attempt}"
    return (ExplainChecks(installation_id=event.installation.id, repository=event.repository.ref, head_sha=run.head_sha, source=source),)
