"""Review a pull request: open the run, read, deliberate, store, look again at the head, publish."""

import asyncio
from dataclasses import dataclass, replace

import structlog
from pydantic import TypeAdapter

from app.errors import NotFound, Superseded
from app.github import ci_logs, pull_request
from app.github.client import GitHub
from app.github.config_file import parse
from app.github.permissions import Permission, permission_of
from app.github.repository_config import RepositoryConfig
from app.github.writes import Writes
from app.queue.ledger import Caps, SqlLedger
from app.reporters import REPORTERS, check_run
from app.reporters.edition import Edition
from app.services.seating import Purse, brief, seat
from app.services.workshop import Workshop
from app.store import findings, jobs, runs
from app.store.answers import SqlAnswerBook
from app.store.intake import insert_jobs
from app.store.outbox import SqlOutbox
from app.store.runs import Run
from app.store.spending import Account
from app.store.tables import JobState, RunState
from app.work import waiting
from app.work.skipping import Facts, why_skip
from reviewers.context.snapshot import Snapshot
from reviewers.council.deliberation import deliberate
from reviewers.verdict import Verdict
from webhooks.jobs import Cause, Reply, ReviewPullRequest

log = structlog.get_logger(__name__)

_PROBLEMS: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


@dataclass(frozen=True)
class Review:
    """One review under way."""

    workshop: Workshop
    claim: jobs.Claim
    job: ReviewPullRequest
    run: Run
    github: GitHub
    writes: Writes
    outbox: SqlOutbox

    async def advance(self, state: RunState, **texts: str) -> None:
        """Move the run on, in one transaction, while it is still wanted."""
        async with self.workshop.database.write() as connection:
            if not state.ended:
                await runs.still_wanted(connection, self.run.repository.id, self.run.number, self.run.head_sha)
            await runs.advance(connection, self.claim, self.run, state, self.workshop.clock(), **texts)


@dataclass(frozen=True)
class Reading:
    """What a run reads once: a resumed run takes it from the store."""

    snapshot: Snapshot
    config: RepositoryConfig
    problems: tuple[str, ...]


async def run(workshop: Workshop, claim: jobs.Claim) -> JobState:
    """The job: a review of one head."""
    job = claim.job
    assert isinstance(job, ReviewPullRequest)
    async with workshop.github.installation(job.installation_id, job.repository.full_name) as github:
        job = await _located(workshop, github, claim, job)
        if job.cause is Cause.COMMAND and await permission_of(github, job.repository.full_name, job.login) < Permission.WRITE:
            await _refuse(workshop, claim, job)
            return JobState.DONE
        review = await _open(workshop, claim, job, github)
        if review.run.state.ended:
            return JobState.DONE
        try:
            return await _deliver(review)
        except Superseded as reason:
            await _withdraw(review, str(reason))
            raise


async def bury(workshop: Workshop, claim: jobs.Claim, reason: str) -> None:
    """Give a run up: a neutral check run with the reason, and a way to try again."""
    job = claim.job
    assert isinstance(job, ReviewPullRequest)
    if not (job.number and job.head_sha):
        return
    async with workshop.github.installation(job.installation_id, job.repository.full_name) as github:
        review = await _open(workshop, claim, job, github)
        await review.advance(RunState.DEAD, reason=reason[:500])
        await check_run.abandon(review.run.id, review.run.head_sha, "Council gave up after several tries", review.writes, review.outbox)


async def _deliver(review: Review) -> JobState:
    """From an open run to its publications."""
    reading = await _read(review)
    if reading is None:
        return JobState.SKIPPED
    if reading.config.review.publish != "none":
        await check_run.begin(review.run.id, review.run.head_sha, review.writes, review.outbox)
    verdict = await _deliberate(review, reading)
    head = await pull_request.head_of(review.github, review.run.repository.full_name, review.run.number)
    await _confirm(review, head)
    await review.advance(RunState.PUBLISHING)
    await _publish(review, reading, verdict)
    await review.advance(RunState.INCOMPLETE if verdict.incomplete else RunState.PUBLISHED)
    log.info("published", run=review.run.id, findings=len(verdict.ranked), cost_usd=verdict.usage.cost_usd)
    return JobState.DONE


async def _located(workshop: Workshop, github: GitHub, claim: jobs.Claim, job: ReviewPullRequest) -> ReviewPullRequest:
    """The job with its pull request and head filled in: a command names no head, a fork's check run no pull request."""
    if not job.number:
        async with workshop.database.read() as connection:
            number = await runs.find_number(connection, job.rerun_of)
        if not number:
            raise NotFound(f"no run {job.rerun_of} of ours")
        job = job.model_copy(update={"number": number})
    if job.cause is Cause.AUTO:
        async with workshop.database.read() as connection:
            await runs.still_wanted(connection, job.repository.id, job.number, job.head_sha)
        return job
    head = await pull_request.head_of(github, job.repository.full_name, job.number)
    if job.head_sha and job.head_sha != head.sha:
        raise Superseded("a newer head than the one to be re-run")
    if head.state != "open":
        raise Superseded("the pull request was closed")
    async with workshop.database.write() as connection:
        await jobs.hold(connection, claim)
        await runs.want(connection, job.repository.id, job.number, head.sha)
    return job.model_copy(update={"head_sha": head.sha})


async def _open(workshop: Workshop, claim: jobs.Claim, job: ReviewPullRequest, github: GitHub) -> Review:
    claim = replace(claim, job=job)
    async with workshop.database.write() as connection:
        await runs.know_repository(connection, job.installation_id, job.repository)
        opened = await runs.open_run(connection, claim, workshop.new_id(), job.head_sha, workshop.clock())
    writes = workshop.writes(github, await workshop.identity(), job.repository.full_name, job.number)
    return Review(workshop, claim, job, opened, github, writes, SqlOutbox(workshop.database, claim, opened, workshop.clock))


async def _read(review: Review) -> Reading | None:
    """The snapshot and the base branch's config; None when a rule skips this pull request."""
    run = review.run
    if run.snapshot and run.config:
        problems = _PROBLEMS.validate_json(run.problems or "[]")
        return Reading(Snapshot.model_validate_json(run.snapshot), RepositoryConfig.model_validate_json(run.config), problems)
    await review.advance(RunState.SNAPSHOT)
    fetched = await pull_request.fetch(review.github, run.repository.full_name, run.number)
    await _confirm(review, fetched.head)
    config, found = parse(fetched.config or "", RepositoryConfig())
    facts = Facts(review.job.on, fetched.head.draft, fetched.labels, fetched.snapshot)
    if review.job.cause is Cause.AUTO and (rule := why_skip(config.review, facts)):
        log.info("skipped", reason=rule)
        await review.advance(RunState.CANCELLED, reason=f"skipped: {rule}")
        return None
    snapshot = fetched.snapshot
    if config.ci.read_logs:
        await waiting.for_checks(review.workshop, review.claim, run, review.github, config.ci.wait_seconds)
        checks = await ci_logs.failing_checks(review.github, snapshot, int(review.workshop.settings.app_id))
        snapshot = snapshot.model_copy(update={"failing_checks": checks})
    problems = tuple(str(problem) for problem in found)
    await review.advance(
        RunState.OPINIONS,
        snapshot=await asyncio.to_thread(snapshot.model_dump_json),
        config=config.model_dump_json(),
        problems=_PROBLEMS.dump_json(problems).decode(),
    )
    return Reading(snapshot, config, problems)


async def _deliberate(review: Review, reading: Reading) -> Verdict:
    """The council's verdict, from the store when an earlier attempt already had it."""
    if review.run.verdict:
        return Verdict.model_validate_json(review.run.verdict)
    shop, run = review.workshop, review.run
    purse = Purse(SqlAnswerBook(shop.database, run.id, shop.clock), _ledger(review, reading.config), seed=run.id)
    asked = brief(reading.config, f"{run.head_sha}:{run.trigger}", review.job.focus)
    verdict = await deliberate(asked, reading.snapshot, seat(shop.settings, reading.config, purse))
    async with shop.database.write() as connection:
        await runs.still_wanted(connection, run.repository.id, run.number, run.head_sha)
        await runs.advance(connection, review.claim, run, RunState.VERDICT, shop.clock(), verdict=verdict.model_dump_json())
        await findings.store_findings(connection, run, verdict)
    return verdict


async def _publish(review: Review, reading: Reading, verdict: Verdict) -> None:
    """Hand the verdict to every surface; each effect is there exactly once, whatever died before."""
    shop, run = review.workshop, review.run
    async with shop.database.read() as connection:
        said = await findings.said(connection, run)
    edition = Edition(
        run_id=run.id,
        snapshot=reading.snapshot,
        verdict=verdict,
        config=reading.config,
        web_url=shop.settings.github_web_url,
        said=said,
        problems=reading.problems,
        budget_left=await _ledger(review, reading.config).left(),
    )
    for reporter in REPORTERS:
        publication = await reporter.publish(edition, review.writes, review.outbox)
        log.info("surface", surface=publication.surface, url=publication.url, reason=publication.reason)
        if publication.inline:
            async with shop.database.write() as connection:
                await findings.note_inline(connection, run.id, publication.inline)


async def _confirm(review: Review, head: pull_request.Head) -> None:
    """GitHub's word on the head: another one gets a run of its own, and this run ends."""
    run, shop = review.run, review.workshop
    if head.state != "open":
        async with shop.database.write() as connection:
            await runs.close(connection, run.repository.id, run.number)
        raise Superseded("the pull request was closed")
    if head.sha == run.head_sha:
        return
    newer = ReviewPullRequest(
        installation_id=review.job.installation_id, repository=run.repository, number=run.number, head_sha=head.sha, on=review.job.on
    )
    async with shop.database.write() as connection:
        await jobs.hold(connection, review.claim)
        await runs.want(connection, run.repository.id, run.number, head.sha)
        await insert_jobs(connection, [(shop.new_id(), newer, shop.clock())], shop.clock())
    raise Superseded("a newer head is wanted")


async def _withdraw(review: Review, reason: str) -> None:
    """End a run nobody wants any more, and its check run with it; a lost lease leaves both to the new holder."""
    async with review.workshop.database.write() as connection:
        try:
            await jobs.hold(connection, review.claim)
        except Superseded:
            return
        closed = reason == "the pull request was closed"
        await runs.advance(
            connection,
            review.claim,
            review.run,
            RunState.CANCELLED if closed else RunState.SUPERSEDED,
            review.workshop.clock(),
            reason=reason,
        )
    await check_run.withdraw(reason, review.writes, review.outbox)


async def _refuse(workshop: Workshop, claim: jobs.Claim, job: ReviewPullRequest) -> None:
    """One polite line for somebody who may not start a review here."""
    line = Reply(
        installation_id=job.installation_id,
        repository=job.repository,
        number=job.number,
        comment_id=job.comment_id,
        login=job.login,
        text="Only people with write access can start a review here.",
    )
    answer = (workshop.new_id(), line, workshop.clock())
    async with workshop.database.write() as connection:
        await jobs.hold(connection, claim)
        await insert_jobs(connection, [answer], workshop.clock())


def _ledger(review: Review, config: RepositoryConfig) -> SqlLedger:
    shop, run, limits = review.workshop, review.run, config.limits
    account = Account(run.id, run.repository.id, run.number)
    caps = Caps(limits.run_usd, limits.pull_request_usd, limits.day_usd, limits.month_usd)
    return SqlLedger(shop.database, account, caps, run.head_sha, (shop.clock, shop.new_id))
