"""Turns an event of GitHub Actions into jobs, with the server's handlers and the names of its webhooks."""

from collections.abc import Sequence
from typing import Any

from app.action.inputs import ActionInputs, StepMode
from webhooks.delivery import Delivery
from webhooks.handlers import jobs_of
from webhooks.jobs import ExecuteCommand, Job, RepositoryRef, ReviewCause, ReviewPullRequest, SendReply

# A job has one installation, and no payload contains its number.
INSTALLATION = 1
# The same payload under another name. They differ in whose secrets the job has.
_NAMES = {"pull_request_target": "pull_request"}
# These refer to what an earlier run stored.
NEED_STATE = frozenset({"dismiss", "restore", "pause", "resume", "why", "explain", "summary", "fix", "cost", "retry"})


def read_delivery(inputs: ActionInputs) -> Delivery:
    """The event as a delivery. Its GUID is the run's, so that a re-run is another request."""
    payload = {**inputs.payload, "installation": {"id": INSTALLATION}}
    return Delivery.from_api(f"action-{inputs.run}", _NAMES.get(inputs.event, inputs.event), payload)


def choose_jobs(inputs: ActionInputs) -> tuple[Job, ...]:
    """The jobs of the event in this mode. Empty for an event, or an action of one, that requests nothing."""
    if inputs.event == "workflow_dispatch":
        return () if inputs.mode is StepMode.ASK else _dispatched(inputs)
    jobs = jobs_of(read_delivery(inputs)) or ()
    if inputs.mode is StepMode.ASK and inputs.event != "issue_comment":
        return ()
    return tuple(job if inputs.state_key else _answer_without_state(job) for job in jobs)


def review_of(inputs: ActionInputs, number: int, head_sha: str) -> ReviewPullRequest:
    """The review of a pull request that another run found."""
    return ReviewPullRequest(installation_id=INSTALLATION, repository=repository_of(inputs), number=number, head_sha=head_sha)


def review_again(job: ReviewPullRequest, inputs: ActionInputs) -> ReviewPullRequest:
    """The same review under this run's name, so that posts of an earlier one, which cannot be verified, do not replace it."""
    return job.model_copy(update={"cause": ReviewCause.RERUN, "trigger": f"run-{inputs.run}"})


def repository_of(inputs: ActionInputs) -> RepositoryRef:
    repository: dict[str, Any] = inputs.payload["repository"]
    return RepositoryRef(id=int(repository.get("id") or 0), full_name=str(repository.get("full_name") or ""))


def numbers_of(jobs: Sequence[Job]) -> tuple[int, ...]:
    """The pull requests and issues that jobs name, lowest first. Every process takes leases in this order."""
    return tuple(sorted({number for job in jobs if (number := getattr(job, "number", 0))}))


def _dispatched(inputs: ActionInputs) -> tuple[Job, ...]:
    """The review that somebody started by hand."""
    if not inputs.number:
        return ()
    return (review_again(review_of(inputs, inputs.number, ""), inputs),)


def _answer_without_state(job: Job) -> Job:
    """A reply that says what is missing, for a command that needs an earlier run's state."""
    if not isinstance(job, ExecuteCommand) or job.name not in NEED_STATE:
        return job
    text = (
        f"`/council {job.name}` needs the results of an earlier run, but this workflow stores no signed state. "
        "Set the input `state-key` of the Council action to a secret of this repository."
    )
    shared = {name: getattr(job, name) for name in type(job).model_fields if name not in {"kind", "name", "argument"}}
    return SendReply(**shared, text=text)
