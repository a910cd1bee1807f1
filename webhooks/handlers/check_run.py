"""Somebody pressed "Re-run" on a check run of ours."""

from webhooks.delivery import Delivery
from webhooks.jobs import Cause, Job, ReviewPullRequest
from webhooks.payload import InRepository, Payload

_BUTTON = "rerun"
PREFIX = "council:"


class _App(Payload):
    id: int = 0


class _PullRequest(Payload):
    number: int


class _CheckRun(Payload):
    head_sha: str
    external_id: str | None = None
    app: _App | None = None
    pull_requests: tuple[_PullRequest, ...] = ()


class _Action(Payload):
    identifier: str = ""


class CheckRunEvent(InRepository):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_run"""

    check_run: _CheckRun
    requested_action: _Action | None = None


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """A review on the same head. GitHub sends both actions to the owning App only.

    A fork's check run lists no pull request (https://github.com/orgs/community/discussions/44265): number 0 asks the
    worker to look the pull request up by the run in `external_id`.
    """
    if delivery.action not in {"rerequested", "requested_action"}:
        return ()
    event = CheckRunEvent.model_validate(delivery.payload)
    if event.action == "requested_action" and (event.requested_action is None or event.requested_action.identifier != _BUTTON):
        return ()
    external_id = event.check_run.external_id or ""
    if not external_id.startswith(PREFIX):
        return ()
    numbers = [pull_request.number for pull_request in event.check_run.pull_requests]
    return (
        ReviewPullRequest(
            installation_id=event.installation.id,
            repository=event.repository.ref,
            number=numbers[0] if numbers else 0,
            head_sha=event.check_run.head_sha,
            cause=Cause.RERUN,
            trigger=delivery.guid,
            rerun_of=external_id.removeprefix(PREFIX),
            login=event.sender.login,
        ),
    )
