"""Checks on GitHub whether a head is still current. If not, cancels the run and its check run."""

from collections.abc import Awaitable, Collection

import structlog

from app.errors import GitHubRejected, NotFound, Superseded
from app.github.installation_client import InstallationClient
from app.github.pull_request import Head, head_of
from app.reporters import check_run, pull_request_review
from app.services.worker import WorkerServices
from app.store.queue import jobs
from app.store.queue.deliveries import insert_jobs
from app.store.reviews import runs
from app.store.reviews.head_checks import CheckedHead
from app.store.reviews.outbox import SqlOutbox
from app.store.reviews.runs import CLOSED, Run
from app.store.tables.core import RunState
from app.work.job_telemetry import observe_run_end
from app.work.reviews.review_run import ReviewRun, build_review_run
from app.work.reviews.shared_check_writes import HeadWrites, leave_checks
from webhooks.jobs import RepositoryRef, ReviewPullRequest

log = structlog.get_logger(__name__)

# A close or a draft ends the run of a waiting job, but only the job itself takes back what it wrote.
_WITHDRAWN = (RunState.CANCELLED, RunState.SUPERSEDED)


async def require_current_head(review: ReviewRun, head: Head) -> None:
    """Ask GitHub for the current head. If it differs, queue a separate run for it and end this run."""
    run, services = review.run, review.services
    if head.state != "open":
        async with services.database.write() as connection:
            await runs.close_runs(connection, run.repository.id, run.number)
        await leave_checks(services, review.github, run.repository, run.number)
        raise Superseded(CLOSED)
    if head.sha == run.head_sha:
        return
    newer = ReviewPullRequest(
        installation_id=review.job.installation_id, repository=run.repository, number=run.number, head_sha=head.sha, on=review.job.on
    )
    async with services.database.write() as connection:
        await jobs.require_lease(connection, review.claim)
        await runs.set_wanted_head(connection, run.repository.id, run.number, head.sha)
        await insert_jobs(connection, [(services.new_id(), newer, services.clock())], services.clock())
    raise Superseded(runs.NEWER)


async def want_again(
    services: WorkerServices, github: InstallationClient, claim: jobs.LeasedJob[ReviewPullRequest], job: ReviewPullRequest
) -> bool:
    """Whether GitHub says that the head of a review is the current one. Then the job resumes at once, if only to report "draft"."""
    head = await head_of(github, job.repository.full_name, job.number)
    if head.state != "open" or head.sha != job.head_sha:
        return False
    async with services.database.write() as connection:
        await jobs.require_lease(connection, claim)
        await runs.set_wanted_head(connection, job.repository.id, job.number, head.sha)
        await jobs.postpone(connection, claim, services.clock(), "this commit is the head again", failed=False)
    return True


async def cancel_stale_run(review: ReviewRun, reason: str) -> None:
    """End a run that is no longer wanted, with its check run. If the lease was lost, leave both to the new holder."""
    if await _end(review.services, review.claim, review.run, reason):
        await _withdraw(review.writes, review.outbox, reason)


async def cancel_left_behind(
    services: WorkerServices, github: InstallationClient, claim: jobs.LeasedJob[ReviewPullRequest], reason: str, but: str = ""
) -> None:
    """End what a crashed attempt began for a head that is no longer current. `but` is the current head."""
    run = await _left_behind(services, claim, _WITHDRAWN)
    if run is not None and run.head_sha != but:
        await cancel_stale_run(await build_review_run(services, github, claim, run), reason)


async def withdraw_canceled(
    services: WorkerServices, github: InstallationClient, claim: jobs.LeasedJob, repository: RepositoryRef, number: int
) -> bool:
    """Take back what canceled reviews of a pull request wrote before they waited for another try. Whether there was any."""
    async with services.database.read() as connection:
        left = await runs.list_unwithdrawn(connection, repository.id, number, services.clock())
    for run in left:
        plain = services.writes(github, await services.identity(), repository.full_name, number)
        writes = HeadWrites(services, plain, CheckedHead(run.repository.id, run.head_sha))
        await _withdraw(writes, services.outbox_of(claim, run), "canceled")
    return bool(left)


async def end_left_behind(services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], reason: str) -> None:
    """The same without asking GitHub, for when GitHub denies access."""
    run = await _left_behind(services, claim)
    if run is not None:
        await _end(services, claim, run, reason)


async def has_begun(services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest]) -> bool:
    """Whether this job has opened a run."""
    async with services.database.read() as connection:
        return await runs.left_by(connection, claim.job_id) is not None


async def _left_behind(services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], also: Collection[RunState] = ()) -> Run | None:
    async with services.database.read() as connection:
        run = await runs.left_by(connection, claim.job_id)
    return None if run is None or (run.state.ended and run.state not in also) else run


async def _end(services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], run: Run, reason: str) -> bool:
    """Whether the run has ended, now or before. False if the lease was lost."""
    async with services.database.write() as connection:
        if await jobs.was_cancelled(connection, claim):
            return True
        try:
            await jobs.require_lease(connection, claim)
        except Superseded:
            return False
        if run.state.ended:
            return True
        state = RunState.CANCELLED if reason == CLOSED else RunState.SUPERSEDED
        await runs.advance_run(connection, claim, run, state, services.clock(), reason=reason)
    observe_run_end(services, claim, state)
    return True


async def _withdraw(writes: HeadWrites, outbox: SqlOutbox, reason: str) -> None:
    await _take_back(pull_request_review.withdraw(writes, outbox))
    await _take_back(check_run.withdraw(reason, writes, outbox))


async def _take_back(surface: Awaitable[None]) -> None:
    try:
        await surface
    except (GitHubRejected, NotFound) as error:
        # The run has ended. A surface that GitHub refuses here does not stop the others.
        log.warning("could not withdraw a surface", error=str(error))
