"""Measures one try of a job: change here what an operator sees of it."""

from contextlib import ExitStack
from types import TracebackType

from app.errors import Postponed, Superseded
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob
from app.store.tables.core import JobState, RunState
from app.telemetry.timings import JOB, QUEUE_WAIT, RUN
from app.telemetry.tracer import TraceStep
from webhooks.jobs import ReviewPullRequest


class JobWatch:
    """Wraps a job's run. `note` records how it ended; an error counts as "superseded", "interrupted" or "failed"."""

    def __init__(self, services: WorkerServices, claim: LeasedJob) -> None:
        self._services = services
        self._claim = claim
        self._result = ""
        self._stack = ExitStack()
        self._step: TraceStep | None = None

    def __enter__(self) -> "JobWatch":
        claim, telemetry = self._claim, self._services.telemetry
        # A job that a dead worker held was not waiting in the queue.
        waited = claim.begun - claim.due
        if not claim.record.crashes:
            telemetry.observe(QUEUE_WAIT, waited, kind=claim.job.kind)
            telemetry.tracer.record_wait("queue", waited, {"council.job": claim.job_id}, claim.trace)
        name, attributes = f"job {claim.job.kind}", describe_job(claim)
        self._step = self._stack.enter_context(telemetry.tracer.span(name, attributes, parent=claim.trace, role="consumer"))
        telemetry.count_running(claim.job.kind, 1)
        return self

    def note(self, state: JobState) -> None:
        """Record how the job ended."""
        self._result = state.value

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        result = self._result if error is None else _result_of(error)
        seconds = self._services.clock() - self._claim.begun
        self._services.telemetry.count_running(self._claim.job.kind, -1)
        self._services.telemetry.observe(JOB, seconds, kind=self._claim.job.kind, result=result)
        if self._step is not None:
            self._step.describe({"council.result": result})
        self._stack.__exit__(kind, error, trace)


def describe_job(claim: LeasedJob) -> dict[str, str | int]:
    """What a trace records of a job: ids and names, no text that somebody wrote."""
    found: dict[str, str | int] = {"council.job": claim.job_id, "council.kind": claim.job.kind, "council.attempt": claim.attempt}
    found["council.installation"] = claim.job.installation_id
    if isinstance(claim.job, ReviewPullRequest):
        job = claim.job
        found |= {"council.repository": job.repository.full_name, "council.pull_request": job.number, "council.head": job.head_sha}
    return found


def observe_run_end(services: WorkerServices, claim: LeasedJob, state: RunState) -> None:
    """Record how long a review took since somebody asked for it."""
    services.telemetry.observe(RUN, services.clock() - claim.since, outcome=state.value)


def _result_of(error: BaseException) -> str:
    if isinstance(error, Superseded):
        return JobState.SUPERSEDED.value
    if isinstance(error, Postponed):
        return "postponed"
    return "failed" if isinstance(error, Exception) else "interrupted"
