"""Opens the run of a review for the current head, and advances it step by step."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from app.configuration.encryption_at_rest import is_encrypted_at_rest
from app.configuration.repository_config import LimitsConfig, RepositoryConfig
from app.councils.council_factory import build_brief
from app.errors import NotFound, Superseded
from app.github import pull_request
from app.github.installation_client import InstallationClient
from app.queue.ledger import SqlLedger
from app.services.worker import WorkerServices
from app.store.queue import jobs
from app.store.reviews import runs
from app.store.reviews.head_checks import CheckedHead
from app.store.reviews.outbox import SqlOutbox
from app.store.reviews.runs import Run
from app.store.spending.ledger_calls import CostAccount, book_lost
from app.store.tables.core import RunState
from app.work.job_telemetry import observe_run_end
from app.work.reviews.shared_check_writes import HeadWrites
from reviewers.values.brief import Brief
from webhooks.jobs import ReviewCause, ReviewPullRequest

Also = Callable[[AsyncConnection], Awaitable[None]]


async def note_nothing(_: AsyncConnection) -> None:
    """Record nothing else."""


@dataclass(frozen=True)
class ReviewRun:
    """One review in progress."""

    services: WorkerServices
    claim: jobs.LeasedJob[ReviewPullRequest]
    job: ReviewPullRequest
    run: Run
    github: InstallationClient
    writes: HeadWrites
    outbox: SqlOutbox

    async def advance(self, state: RunState, also: Also = note_nothing, **texts: str) -> None:
        """Advance the run while its head is current, in one transaction with everything else to record."""
        async with self.services.database.write() as connection:
            if not state.ended:
                await runs.still_wanted(connection, self.run.repository.id, self.run.number, self.run.head_sha)
            await runs.advance_run(connection, self.claim, self.run, state, self.services.clock(), **texts)
            await also(connection)
        if state.ended:
            observe_run_end(self.services, self.claim, state)
        self.services.failpoint(f"run {state}")

    def kept_by(self, config: RepositoryConfig) -> "ReviewRun":
        """The same review, with its transcript kept as these settings say."""
        return replace(self, run=replace(self.run, sealed=is_encrypted_at_rest(self.services.settings, config)))

    def brief(self, config: RepositoryConfig) -> Brief:
        """The council's task. It is the same each time this run is resumed."""
        return build_brief(config, f"{self.run.head_sha}:{self.run.trigger}", self.job.focus)

    def ledger(self, limits: LimitsConfig) -> SqlLedger:
        """The money of this run, under its repository's limits."""
        run = self.run
        return self.services.ledger(CostAccount(run.id, run.repository.id, run.number), limits, run.head_sha)


async def with_head(
    services: WorkerServices, github: InstallationClient, claim: jobs.LeasedJob[ReviewPullRequest], job: ReviewPullRequest
) -> ReviewPullRequest:
    """The job with its pull request and head filled in. A command names no head, and a check run refers to the run that it names."""
    if job.rerun_of:
        async with services.database.read() as connection:
            number = await runs.find_number(connection, job.rerun_of) or job.number
        if not number:
            raise NotFound(f"unknown run {job.rerun_of}")
        job = job.model_copy(update={"number": number})
    if job.cause is ReviewCause.AUTO:
        async with services.database.read() as connection:
            await runs.still_wanted(connection, job.repository.id, job.number, job.head_sha)
        return job
    head = await pull_request.head_of(github, job.repository.full_name, job.number)
    if job.head_sha and job.head_sha != head.sha:
        raise Superseded("a newer commit replaced the one to re-run")
    if head.state != "open":
        raise Superseded(runs.CLOSED)
    async with services.database.write() as connection:
        await jobs.require_lease(connection, claim)
        await runs.set_wanted_head(connection, job.repository.id, job.number, head.sha)
    return job.model_copy(update={"head_sha": head.sha})


async def open_review(
    services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], job: ReviewPullRequest, github: InstallationClient
) -> ReviewRun:
    claim = replace(claim, job=job)
    async with services.database.write() as connection:
        await runs.know_repository(connection, job.installation_id, job.repository)
        await runs.know_pull_request(connection, job.repository.id, job.number, job.head_sha)
        run = await runs.open_run(connection, claim, services.new_id(), job.head_sha, services.clock())
        await book_lost(connection, run.id, services.clock())
    structlog.contextvars.bind_contextvars(run=run.id)
    return await build_review_run(services, github, claim, run)


async def build_review_run(
    services: WorkerServices, github: InstallationClient, claim: jobs.LeasedJob[ReviewPullRequest], run: Run
) -> ReviewRun:
    """A run with the services to continue or end it."""
    job = claim.job
    plain = services.writes(github, await services.identity(), run.repository.full_name, run.number)
    writes = HeadWrites(services, plain, CheckedHead(run.repository.id, run.head_sha))
    outbox = services.outbox_of(claim, run)
    return ReviewRun(services, claim, job, run, github, writes, outbox)
