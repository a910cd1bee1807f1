"""Queues a review again: a head by its check run or suite, and a skipped one whose label or title has changed."""

from app.errors import Postponed
from app.services.worker import WorkerServices
from app.store.queue import job_list
from app.store.queue.deliveries import insert_jobs
from app.store.queue.jobs import LeasedJob, postpone, require_lease
from app.store.queue.missed_deliveries import UNREAD_CONFIG
from app.store.reviews import head_checks, runs
from app.store.reviews.head_checks import CheckedHead
from app.store.tables.core import JobState, RunState
from app.work.reviews.skip_rules import NO_TRIGGER
from webhooks.jobs import LookAgain, RerunHead, ReviewCause, ReviewPullRequest
from webhooks.upkeep_jobs import group_key

# A review in progress has read the labels already, or will. Look again when its rules are decided.
_AGAIN = 5.0
_LONGEST = 600.0
_UNDECIDED = {RunState.QUEUED, RunState.SNAPSHOT}


async def rerun(services: WorkerServices, claim: LeasedJob[RerunHead]) -> JobState:
    """Queue a review of each open pull request of the head. If none is recorded here, use GitHub's own list.

    For the head of a merge group, conclude its check again from the current state of its pull requests.
    """
    job = claim.job
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        if await job_list.repeat_job(connection, group_key(job.repository.id, job.head_sha), services.clock()):
            return JobState.DONE
        found = await head_checks.open_numbers(connection, CheckedHead(job.repository.id, job.head_sha)) or job.numbers
        newer = await job_list.reviews_since(connection, job.repository.id, job.head_sha, claim.since)
        # The first review of a pull request that was opened after the request is as fresh as a re-run.
        numbers = [number for number in found if number not in newer]
        reviews = [
            ReviewPullRequest(
                installation_id=job.installation_id,
                repository=job.repository,
                number=number,
                head_sha=job.head_sha,
                cause=ReviewCause.RERUN,
                trigger=job.guid,
                login=job.login,
            )
            for number in numbers
        ]
        await insert_jobs(connection, [(services.new_id(), review, services.clock()) for review in reviews], services.clock())
    return JobState.DONE if found else JobState.SKIPPED


async def look_again(services: WorkerServices, claim: LeasedJob[LookAgain]) -> JobState:
    """Queue the review of a head that a rule or an unreadable settings file skipped. Both are checked again."""
    job = claim.job
    now = services.clock()
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        run = await runs.newest_run(connection, job.repository.id, job.number)
        if run is None or run.head_sha != job.head_sha:
            return JobState.SKIPPED
        if run.state in _UNDECIDED and now - claim.since < _LONGEST:
            await postpone(connection, claim, now + _AGAIN, "a review is starting", failed=False)
            waits = True
        else:
            waits = False
            skipped = run.state is RunState.CANCELLED and run.reason.startswith("skipped: ")
            unread = run.state is RunState.INCOMPLETE and run.reason.startswith(UNREAD_CONFIG)
            if not (skipped or unread) or run.reason.startswith(f"skipped: {NO_TRIGGER}"):
                return JobState.SKIPPED
            review = ReviewPullRequest(
                installation_id=job.installation_id, repository=job.repository, number=job.number, head_sha=job.head_sha
            )
            await insert_jobs(connection, [(services.new_id(), review, now)], now)
    if waits:
        raise Postponed("a review begins")
    return JobState.DONE
