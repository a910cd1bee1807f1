"""Runs a command of a pull request: checks the permission, acts, answers once."""

from app.errors import Locked, UserError
from app.services.workshop import WorkerServices
from app.store.jobs import LeasedJob
from app.store.tables import JobState
from app.work import answering, rights, ticked
from app.work.answering import ReplyTarget
from app.work.commands.acts import COMMAND_ACTIONS
from app.work.commands.desk import CommandContext
from app.work.refreshing import refresh
from app.work.rights import Caller, Denial
from webhooks.jobs import ExecuteCommand

# These leave something in the database that a restored backup lacks, so they are repeated but not answered twice.
_LASTING = frozenset({"pause", "resume", "dismiss", "restore"})


async def run(workshop: WorkerServices, claim: LeasedJob) -> JobState:
    """The job: run one command."""
    job = claim.job
    assert isinstance(job, ExecuteCommand)
    place = ReplyTarget.of(job)
    async with workshop.github_for(claim) as github:
        if job.edit and not await ticked.is_ours(workshop, github, job):
            return JobState.SKIPPED
        if await answering.find_answer(workshop, claim, github, place) and job.name not in _LASTING:
            return JobState.DONE
        known = await rights.read_access_facts(workshop, github, job)
        if known.origin.locked:
            raise Locked
        person = Caller(job.login, job.name)
        refusal = await rights.authorize(workshop, claim, person, known)
        if refusal is None:
            try:
                text = await COMMAND_ACTIONS[job.name](CommandContext(workshop, claim, job, github, known))
            except UserError as error:
                refusal, text = Denial(str(error)) if job.edit else None, str(error)
        if refusal is not None:
            refuse = (
                ticked.refuse(workshop, claim, github, refusal)
                if job.edit
                else answering.post_refusal(workshop, claim, github, place, refusal)
            )
            await refuse
        elif not job.edit:
            # For a ticked box, the summary itself shows the result.
            await answering.post_answer(workshop, claim, github, place, text)
    return JobState.DONE


async def give_up(workshop: WorkerServices, claim: LeasedJob, reason: str) -> None:
    """Report that the command failed."""
    job = claim.job
    assert isinstance(job, ExecuteCommand)
    async with workshop.github_for(claim) as github:
        line = f"`/council {job.name}` failed because of an error on this server. The server's log has the details."
        await answering.post_answer(workshop, claim, github, ReplyTarget.of(job), line)
        if job.edit:
            await refresh(workshop, github, job.repository, job.number)
