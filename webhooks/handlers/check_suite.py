"""Handles the end of all check runs of one App on a commit, and a person's request to run them again."""

from webhooks.delivery import Delivery
from webhooks.handlers.workflow_run import RED
from webhooks.jobs import ExplainChecks, Job, RerunHead
from webhooks.payload import GitHubPayload, RepositoryEvent

_ACTIONS = "github-actions"


class _App(GitHubPayload):
    slug: str = ""


class _PullRequest(GitHubPayload):
    number: int


class _CheckSuite(GitHubPayload):
    id: int
    head_sha: str
    conclusion: str | None = None
    updated_at: str = ""
    app: _App | None = None
    pull_requests: tuple[_PullRequest, ...] = ()


class CheckSuiteEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_suite"""

    check_suite: _CheckSuite


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """An explanation of the failure, or a review again. `workflow_run` covers GitHub Actions; a suite that ends again has another time."""
    if delivery.action not in {"completed", "rerequested"}:
        return ()
    event = CheckSuiteEvent.model_validate(delivery.payload)
    suite = event.check_suite
    if delivery.action == "rerequested":
        return (_rerun(event, delivery),) if _is_ours(suite.app, delivery.slug) else ()
    if suite.conclusion not in RED or (suite.app and suite.app.slug == _ACTIONS):
        return ()
    source = f"check_suite:{suite.id}:{suite.updated_at}"
    return (ExplainChecks(installation_id=event.installation.id, repository=event.repository.ref, head_sha=suite.head_sha, source=source),)


def _is_ours(app: _App | None, slug: str) -> bool:
    """GitHub sends this to the owning App only; a server that knows its own name checks it anyway."""
    return app is None or not app.slug or not slug or app.slug.lower() == slug.lower()


def _rerun(event: CheckSuiteEvent, delivery: Delivery) -> RerunHead:
    return RerunHead(
        installation_id=event.installation.id,
        repository=event.repository.ref,
        head_sha=event.check_suite.head_sha,
        login=event.sender.login,
        guid=delivery.guid,
        numbers=tuple(pull_request.number for pull_request in event.check_suite.pull_requests),
    )
