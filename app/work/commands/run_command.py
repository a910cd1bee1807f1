"""Runs a command of a pull request: checks the permission, acts, answers once."""

from app.errors import Locked, UserError
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob
from app.store.tables.core import JobState
from app.work.commands import authorization, ticked_boxes
from app.work.commands.actions import COMMAND_ACTIONS
from app.work.commands.authorization import Caller, Denial
from app.work.commands.context import CommandContext
from app.work.questions import post_answer
from app.work.questions.post_answer import ReplyTarget
from app.work.reviews.refresh_summary import refresh
from webhooks.jobs import ExecuteCommand

# These leave something in the database that a restored backup lacks, so they are repeated but not answered twice.
_LASTING = frozenset({"pause", "resume", "dismiss", "restore"})


async def run(services: WorkerServices, claim: LeasedJob[ExecuteCommand]) -> JobState:
    """The job: run one command."""
    job = claim.job
    place = ReplyTarget.of(job)
    async with services.github_for(claim) as github:
        if job.edit and not await ticked_boxes.is_ours(services, github, job):
            return JobState.SKIPPED
        if await post_answer.find_answer(services, claim, github, place) and job.name not in _LASTING:
            return JobState.DONE
        access_facts = await authorization.read_access_facts(services, github, job)
        if access_facts.origin.locked:
            raise Locked
        person = Caller(job.login, job.name)
        refusal = await authorization.authorize(services, claim, person, access_facts)
        if refusal is None:
            try:
                text = await COMMAND_ACTIONS[job.name](CommandContext(services, claim, job, github, access_facts))
            except UserError as error:
                refusal, text = Denial(str(error)) if job.edit else None, str(error)
        if refusal is not None:
            refuse = (
                ticked_boxes.refuse(services, claim, github, refusal)
                if job.edit
                else post_answer.post_refusal(services, claim, github, place, refusal)
            )
            await refuse
        elif not job.edit:
            # For a ticked box, the summary itself shows the result.
            await post_answer.post_answer(services, claim, github, place, text)
    return JobState.DONE


async def give_up(services: WorkerServices, claim: LeasedJob[ExecuteCommand], reason: str) -> None:
    """Report that the command failed."""
    job = claim.job
    async with services.github_for(claim) as github:
        line = f"`/council {job.name}` failed because of an error on this server. The server's log has the details."
        await post_answer.post_answer(services, claim, github, ReplyTarget.of(job), line)
        if job.edit:
            await refresh(services, github, job.repository, job.number)
