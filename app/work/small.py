"""The small jobs: an 👀, an answer in fixed words, the end of a pull request, an installation that came or went."""

from app.errors import NotFound
from app.github.permissions import Permission, permission_of
from app.github.pull_request import head_of
from app.services.workshop import Workshop
from app.store import installations, jobs, plans, runs
from app.store.jobs import Claim
from app.store.outbox import JobOutbox
from app.store.tables import JobState, RunState
from webhooks.jobs import Acknowledge, CancelReviews, ChangePlan, Reply, SyncInstallation


async def acknowledge(workshop: Workshop, claim: Claim) -> JobState:
    """Show that a command was seen; GitHub itself keeps one reaction of a kind."""
    job = claim.job
    assert isinstance(job, Acknowledge)
    async with workshop.github_for(claim) as github:
        writes = workshop.writes(github, await workshop.identity(), job.repository.full_name, 0)
        await writes.react(job.comment_id, "eyes")
    return JobState.DONE


async def reply(workshop: Workshop, claim: Claim) -> JobState:
    """Answer once, to people who may read here; a marker finds an answer whose acknowledgement was lost."""
    job = claim.job
    assert isinstance(job, Reply)
    name = job.repository.full_name
    async with workshop.github_for(claim) as github:
        if await permission_of(github, name, job.login) < Permission.READ:
            return JobState.SKIPPED
        writes = workshop.writes(github, await workshop.identity(), name, job.number)
        outbox = JobOutbox(workshop.database, claim, workshop.clock)
        entry = await outbox.intend("reply")
        if entry.remote_id:
            return JobState.DONE
        found = None
        if not entry.fresh:
            found = next((own for own in await writes.own_comments() if entry.marker in (own.body or "")), None)
        remote = found or await writes.create_comment(f"{job.text}\n\n{entry.marker}")
        await outbox.created("reply", str(remote.id), remote.url)
    return JobState.DONE


async def cancel(workshop: Workshop, claim: Claim) -> JobState:
    """Note that the pull request is closed or a draft; the heartbeat of a running review stops it.

    GitHub is asked, for a word of the end may come after the word of a new beginning.
    """
    job = claim.job
    assert isinstance(job, CancelReviews)
    if await _goes_on(workshop, claim, job):
        return JobState.SKIPPED
    async with workshop.database.write() as connection:
        await runs.close(connection, job.repository.id, job.number)
        await runs.cancel_queued(connection, job.repository.id, job.number, workshop.clock())
        await runs.end_unfinished(connection, job.repository.id, job.number, RunState.CANCELLED, workshop.clock())
    return JobState.DONE


async def _goes_on(workshop: Workshop, claim: Claim, job: CancelReviews) -> bool:
    async with workshop.github_for(claim) as github:
        try:
            head = await head_of(github, job.repository.full_name, job.number)
        except NotFound:
            return False
    return head.state == "open" and not head.draft


async def sync_installation(workshop: Workshop, claim: Claim) -> JobState:
    """Keep the list of who installed us where, and forget who left."""
    job = claim.job
    assert isinstance(job, SyncInstallation)
    async with workshop.database.write() as connection:
        await installations.apply(connection, job, workshop.clock())
    return JobState.DONE


async def change_plan(workshop: Workshop, claim: Claim) -> JobState:
    """Note what an account bought."""
    job = claim.job
    assert isinstance(job, ChangePlan)
    async with workshop.database.write() as connection:
        await jobs.hold(connection, claim)
        await plans.change(connection, job.account, job.plan, job.changed_at)
    return JobState.DONE
