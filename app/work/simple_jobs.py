"""The small jobs: an 👀, a fixed reply, the end of a pull request, an installation that was added or removed."""

import asyncio
import math
from dataclasses import replace

from app.errors import Locked, NotFound
from app.github.github_app import AppInstallation, GitHubAccount
from app.github.origin import is_locked
from app.github.pull_request import Head, head_of
from app.repositories.removal import forget_installation, forget_repositories
from app.services.worker import WorkerServices
from app.store import installations
from app.store.queue import jobs
from app.store.queue.jobs import LeasedJob
from app.store.reviews import runs
from app.store.spending import plans
from app.store.tables.core import JobState, RunState
from app.work.commands import authorization
from app.work.commands.authorization import Caller
from app.work.maintenance.reconcile import sweep_installation
from app.work.questions import post_answer
from app.work.reviews.shared_check_writes import leave_checks
from webhooks.jobs import (
    Acknowledge,
    CancelReviews,
    ChangePlan,
    InstallationChange,
    SendReply,
    SyncInstallation,
)


async def acknowledge(services: WorkerServices, claim: LeasedJob[Acknowledge]) -> JobState:
    """Show that a command was seen. GitHub keeps only one reaction of each kind."""
    job = claim.job
    async with services.github_for(claim) as github:
        writes = services.writes(github, await services.identity(), job.repository.full_name, job.number)
        await writes.react(job.comment_id, "eyes", on_review_comment=bool(job.thread_id))
    return JobState.DONE


async def reply(services: WorkerServices, claim: LeasedJob[SendReply]) -> JobState:
    """Post a fixed reply to people who may ask for help."""
    job = claim.job
    place = post_answer.ReplyTarget.of(job)
    async with services.github_for(claim) as github:
        access_facts, locked = await asyncio.gather(
            authorization.read_access_facts(services, github, job), is_locked(github, place.full_name, job.number)
        )
        if locked:
            raise Locked
        refusal = await authorization.authorize(services, claim, Caller(job.login, "help"), access_facts)
        if refusal is not None:
            await post_answer.post_refusal(services, claim, github, place, replace(refusal, quiet=True))
            return JobState.DONE
        await post_answer.post_answer(services, claim, github, place, job.text)
    return JobState.DONE


async def cancel(services: WorkerServices, claim: LeasedJob[CancelReviews]) -> JobState:
    """Record that the pull request is closed or a draft. The heartbeat of a running review then stops it.

    Ask GitHub, because the delivery of a closing may come after that of a reopening. A closed pull request no longer counts in the check
    runs that its head shares.
    """
    job = claim.job
    head = await _head(services, claim, job)
    if head is not None and head.state == "open" and not head.draft:
        return JobState.SKIPPED
    async with services.database.write() as connection:
        await runs.close_runs(connection, job.repository.id, job.number)
        if head is None or head.state != "open":
            await runs.cancel_queued(connection, job.repository.id, job.number, services.clock())
        await runs.end_unfinished(connection, job.repository.id, job.number, RunState.CANCELLED, services.clock())
    # A draft stays on the check run of its head: converting one pull request must not open the gate of another. Its queued reviews report
    # the draft.
    if head is None or head.state != "open":
        async with services.github_for(claim) as github:
            await leave_checks(services, github, job.repository, job.number)
    return JobState.DONE


async def _head(services: WorkerServices, claim: LeasedJob, job: CancelReviews) -> Head | None:
    async with services.github_for(claim) as github:
        try:
            return await head_of(github, job.repository.full_name, job.number)
        except NotFound:
            return None


async def sync_installation(services: WorkerServices, claim: LeasedJob[SyncInstallation]) -> JobState:
    """Keep the list of installations current, and delete those that were removed."""
    job = claim.job
    if job.change == InstallationChange.PERMITTED:
        services.github.forget_tokens(job.installation_id)
    else:
        async with services.database.write() as connection:
            await installations.apply(connection, job, services.clock())
    if job.change in {InstallationChange.UNSUSPENDED, InstallationChange.PERMITTED}:
        # GitHub sent no deliveries meanwhile and jobs in progress were given up, or it refused what a review wrote.
        await sweep_installation(services, AppInstallation(id=job.installation_id, account=GitHubAccount(login=job.account)), math.inf)
    if job.change == InstallationChange.REMOVED:
        root = services.settings.mirrors_folder
        if job.repositories:
            await forget_repositories(root, [repository.id for repository in job.repositories])
        else:
            await forget_installation(root, job.installation_id)
    return JobState.DONE


async def change_plan(services: WorkerServices, claim: LeasedJob[ChangePlan]) -> JobState:
    """Record which plan an account bought."""
    job = claim.job
    async with services.database.write() as connection:
        await jobs.require_lease(connection, claim)
        await plans.change_plan(connection, job.account, job.plan, job.changed_at)
    return JobState.DONE
