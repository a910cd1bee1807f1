"""All check runs of one App on a commit ended."""

from webhooks.delivery import Delivery
from webhooks.handlers.workflow_run import RED
from webhooks.jobs import ExplainChecks, Job
from webhooks.payload import InRepository, Payload

_ACTIONS = "github-actions"


class _App(Payload):
    slug: str = ""


class _CheckSuite(Payload):
    id: int
    head_sha: str
    conclusion: str | None = None
    updated_at: str = ""
    app: _App | None = None


class CheckSuiteEvent(InRepository):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_suite"""

    check_suite: _CheckSuite


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """Why it is red; of GitHub Actions, `workflow_run` tells. A suite that ends again, after a re-run, has another time."""
    if delivery.action != "completed":
        return ()
    event = CheckSuiteEvent.model_validate(delivery.payload)
    suite = event.check_suite
    if suite.conclusion not in RED or (suite.app and suite.app.slug == _ACTIONS):
        return ()
    source = f"check_suite:{suite.id}:{suite.updated_at}"
    return (ExplainChecks(installation_id=event.installation.id, repository=event.repository.ref, head_sha=suite.head_sha, source=source),)
