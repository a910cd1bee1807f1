"""Handles a person's "Re-run" on one of our check runs."""

from webhooks.delivery import Delivery
from webhooks.jobs import Job, RerunHead, ReviewCause, ReviewPullRequest
from webhooks.payload import GitHubPayload, RepositoryEvent

_BUTTON = "rerun"
PREFIX = "council:"


class _App(GitHubPayload):
    id: int = 0


class _PullRequest(GitHubPayload):
    number: int


class _CheckRun(GitHubPayload):
    head_sha: str
    external_id: str = ""
    app: _App | None = None
    pull_requests: tuple[_PullRequest, ...] = ()


class _Action(GitHubPayload):
    identifier: str = ""


class CheckRunEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_run"""

    check_run: _CheckRun
    requested_action: _Action | None = None


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """The reviews of this head again. GitHub sends both actions to the owning App only.

    `external_id` names a repository and a head; that of an older check run names a run. The pull requests are looked up by it,
    because a fork's check run lists none (https://github.com/orgs/community/discussions/44265) and one head may have several.
    """
    if delivery.action not in {"rerequested", "requested_action"}:
        return ()
    event = CheckRunEvent.model_validate(delivery.payload)
    if event.action == "requested_action" and (event.requested_action is None or event.requested_action.identifier != _BUTTON):
        return ()
    external_id = event.check_run.external_id
    if not external_id.startswith(PREFIX):
        return ()
    repository_id, of_head, head_sha = external_id.removeprefix(PREFIX).partition(":")
    if of_head:
        return (_head(event, head_sha, delivery.guid),) if repository_id == str(event.repository.id) else ()
    return (_run(event, repository_id, delivery.guid),)


def _head(event: CheckRunEvent, head_sha: str, guid: str) -> Job:
    return RerunHead(
        installation_id=event.installation.id,
        repository=event.repository.ref,
        head_sha=head_sha,
        login=event.sender.login,
        guid=guid,
        numbers=tuple(pull_request.number for pull_request in event.check_run.pull_requests),
    )


def _run(event: CheckRunEvent, run_id: str, guid: str) -> Job:
    numbers = [pull_request.number for pull_request in event.check_run.pull_requests]
    return ReviewPullRequest(
        installation_id=event.installation.id,
        repository=event.repository.ref,
        number=numbers[0] if numbers else 0,
        head_sha=event.check_run.head_sha,
        cause=ReviewCause.RERUN,
        trigger=guid,
        rerun_of=run_id,
        login=event.sender.login,
    )
