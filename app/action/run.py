"""`council action`: handles one event of GitHub Actions, from its payload to the posts, the step's outputs and its exit code."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

import structlog

from app.action import fork
from app.action.event import INSTALLATION, choose_jobs, numbers_of, read_delivery, repository_of, review_again, review_of
from app.action.inputs import ActionInputs, StepMode
from app.action.job_services import ActionServices, open_action_services
from app.action.permissions import PermissionProbe, find_missing
from app.action.report import StepReport, report_run
from app.action.step import ActionResult
from app.configuration.council_yml import parse
from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.councils.first_steps import first_step
from app.errors import UserError
from app.github.merge_group import MergeGroupEnds, members_of
from app.github.origin import origin_of
from app.github.own_posts import read_own_posts
from app.github.reaction_lease import LeaseRules, hold_pull_request
from app.reporters.check_run import NAME
from app.store.queue.deliveries import Debounce, DeliveryWithJobs, record_deliveries
from app.store.queue.job_results import given_up, next_due
from app.store.reviews import dispositions, runs
from app.store.reviews.head_checks import GROUP, CheckedHead, find_part
from app.work.job_handlers import JOB_HANDLERS
from app.work.reviews.adopt_posts import find_posted
from app.work.worker import Worker
from webhooks.jobs import CheckMergeGroup, ExplainChecks, Job, ReviewCause, ReviewPullRequest

log = structlog.get_logger(__name__)

# Seconds. Reviews, waits for CI and retries included; less than the age at which a lease counts as abandoned.
LONGEST_SECONDS = 20 * 60.0
_GRACE_SECONDS = 5.0
_LONGEST_NAP = 5.0


async def run_action(settings: Settings, inputs: ActionInputs) -> ActionResult:
    """Handle the event. Raises UserError for what the workflow's author has to fix."""
    jobs = choose_jobs(inputs)
    forks = fork.read_fork_run(inputs.payload) if inputs.event == "workflow_run" and inputs.mode is not StepMode.ASK else None
    if not jobs and forks is None:
        return ActionResult(0, reason=f"{inputs.event} needs no action")
    if not settings.providers:
        if inputs.is_fork_event:
            return ActionResult(
                0, reason=f"GitHub gives no secrets to workflows of pull requests from forks, so nothing was reviewed: {fork.RECIPE}"
            )
        raise UserError(f"no model is configured, so nothing was reviewed: {await first_step(settings)}")
    async with open_action_services(settings, inputs) as action_services:
        if forks is not None:
            found, reason = await _find_fork_reviews(action_services, forks)
            jobs = (*jobs, *found)
            if not jobs:
                return ActionResult(0, reason=reason)
        warnings = (*_config_problems(inputs), *await _check_permissions(action_services, jobs))
        result = await _handle(action_services, jobs)
        return replace(result, warnings=(*warnings, *result.warnings))


async def _find_fork_reviews(opened: ActionServices, run: fork.FinishedRun) -> tuple[tuple[Job, ...], str]:
    """The reviews of a fork's pull requests, and why there is none."""
    inputs, github = opened.inputs, opened.keeper.github
    pulls = await fork.find_pulls(github, opened.keeper.full_name, run)
    if not pulls:
        return (), f"no open pull request has the head {run.head_sha[:7]} any longer"
    if inputs.patch is not None:
        for pull in pulls:
            if why := await fork.find_mismatch(github, opened.keeper.full_name, pull, inputs.patch):
                return (), f"not reviewed: {why}"
    return tuple(review_of(inputs, pull.number, pull.head_sha) for pull in pulls), ""


def _config_problems(inputs: ActionInputs) -> tuple[str, ...]:
    return tuple(f"the input config: {problem}" for problem in parse(inputs.config, RepositoryConfig())[1])


async def _check_permissions(opened: ActionServices, jobs: Sequence[Job]) -> tuple[str, ...]:
    """Lines on what is left out. Raises UserError, with all lines, if nothing can be done."""
    numbers = numbers_of(jobs)
    sha = next((job.head_sha for job in jobs if isinstance(job, ReviewPullRequest | ExplainChecks | CheckMergeGroup) and job.head_sha), "")
    on_pull = any(isinstance(job, ReviewPullRequest) for job in jobs) or bool(
        numbers and (await origin_of(opened.keeper.github, opened.keeper.full_name, numbers[0])).head_sha
    )
    probe = PermissionProbe(opened.keeper.full_name, sha or "HEAD", numbers[0] if numbers else 0, on_pull)
    missing = await find_missing(opened.keeper.github, probe)
    lines = tuple(str(permission) for permission in (*missing.needed, *missing.optional))
    if missing.needed:
        raise UserError("\n".join(lines))
    return lines


async def _handle(opened: ActionServices, jobs: Sequence[Job]) -> ActionResult:
    """Lease each pull request, restore its state, run the jobs, and save the state."""
    numbers = await _concerned(opened, jobs)
    async with AsyncExitStack() as stack:
        rules = LeaseRules(opened.services.clock)
        login = f"{opened.identity.slug}[bot]"
        for number in numbers:
            await stack.enter_async_context(hold_pull_request(opened.keeper.github, opened.keeper.full_name, number, login, rules))
        trusted = {number for number in numbers if await opened.keeper.restore(number)}
        jobs = [await _vouched(opened, job, trusted) for job in jobs]
        await _record(opened, jobs)
        try:
            await _work(opened)
        finally:
            for number in numbers:
                await opened.keeper.save(number)
        return await _result(opened, jobs, numbers)


async def _concerned(opened: ActionServices, jobs: Sequence[Job]) -> tuple[int, ...]:
    """The pull requests and issues whose state the jobs need, lowest first."""
    numbers = set(numbers_of(jobs))
    github, name = opened.keeper.github, opened.keeper.full_name
    for job in jobs:
        if isinstance(job, CheckMergeGroup):
            group = MergeGroupEnds(job.base_sha, job.head_sha, job.head_ref, job.base_ref)
            numbers |= set((await members_of(github, name, group)).numbers)
        elif isinstance(job, ExplainChecks):
            run = fork.read_run(opened.inputs.payload)
            numbers |= {pull.number for pull in await fork.find_pulls(github, name, run)} if run is not None else set()
    return tuple(sorted(numbers))


async def _vouched(opened: ActionServices, job: Job, trusted: set[int]) -> Job:
    """The job. If posts on GitHub show a review as done, but no trusted state confirms it, it is done again.

    Its posts are edited, not repeated. Another workflow that posts as this bot must not make Council skip a head.
    """
    if not isinstance(job, ReviewPullRequest) or job.cause is not ReviewCause.AUTO:
        return job
    keeper, services = opened.keeper, opened.services
    async with services.database.read() as connection:
        last = await runs.last_shown(connection, job.repository.id, job.number)
    if job.number in trusted and last is not None and last.head_sha == job.head_sha:
        return job
    writes = services.writes(keeper.github, opened.identity, keeper.full_name, job.number)
    posts = await read_own_posts(writes, job.head_sha, NAME)
    posted = find_posted(posts, job.number, job.head_sha, job.trigger)
    is_claimed = posted.summary is not None or posted.is_named_by_check or posted.is_complete
    return review_again(job, opened.inputs) if is_claimed else job


async def _record(opened: ActionServices, jobs: Sequence[Job]) -> None:
    """Store the event as the web process does, but without a debounce: the workflow's `concurrency` replaces it."""
    delivery, services = read_delivery(opened.inputs), opened.services
    arrival = DeliveryWithJobs(
        guid=delivery.guid,
        event=delivery.event,
        action=delivery.action,
        installation_id=INSTALLATION,
        digest=delivery.digest,
        jobs=tuple((services.new_id(), job) for job in jobs),
    )
    async with services.database.write() as connection:
        await runs.know_repository(connection, INSTALLATION, repository_of(opened.inputs))
        await record_deliveries(connection, [arrival], services.clock(), Debounce(0, 0))


async def _work(opened: ActionServices) -> None:
    """Run every job, and the jobs that follow, until none is left."""
    services = opened.services
    worker = Worker(services, JOB_HANDLERS)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                await worker.run_all()
                async with services.database.read() as connection:
                    due = await next_due(connection)
                if due is None:
                    return
                await asyncio.sleep(min(max(due - services.clock(), 0.01), _LONGEST_NAP))
    except TimeoutError:
        raise UserError(f"the jobs did not end within {LONGEST_SECONDS / 60:.0f} minutes") from None
    finally:
        await worker.drain(_GRACE_SECONDS)


async def _result(opened: ActionServices, jobs: Sequence[Job], numbers: Sequence[int]) -> ActionResult:
    """The result of the jobs."""
    services, repository = opened.services, repository_of(opened.inputs)
    reports: list[StepReport] = []
    async with services.database.read() as connection:
        dead = await given_up(connection)
        for number in numbers:
            run = await runs.last_shown(connection, repository.id, number)
            if run is not None:
                decided = await dispositions.decisions_about(connection, repository.id, number)
                reports.append(report_run(run, decided, services.settings.github_web_url))
        groups = [job for job in jobs if isinstance(job, CheckMergeGroup)]
        parts = [await find_part(connection, CheckedHead(repository.id, job.head_sha), GROUP) for job in groups]
    report = (
        reports[0]
        if len(reports) == 1
        else StepReport(critical=sum(each.critical for each in reports), findings=sum(each.findings for each in reports))
    )
    reviews = any(isinstance(job, ReviewPullRequest) and job.cause is not ReviewCause.COMMAND for job in jobs)
    fails = (reviews and any(each.fails_gate for each in reports)) or any(
        part is not None and part.conclusion in {"failure", "action_required"} for part in parts
    )
    number = numbers[0] if len(numbers) == 1 else 0
    if dead:
        return ActionResult(2, report, f"failed: {'; '.join(dead)}", number=number)
    code = 1 if fails and opened.inputs.mode is StepMode.GATE else 0
    return ActionResult(code, report, "" if reports else "nothing was reviewed", number=number)
