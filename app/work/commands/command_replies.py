"""Posts the final answer to a command: every command that got an 👀 also gets one line."""

from contextlib import suppress

from app.errors import Locked, NotFound
from app.reporters.text.safety import line
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob
from app.work.questions import post_answer
from app.work.questions.post_answer import ReplyTarget
from app.work.reviews.refresh_summary import refresh
from webhooks.jobs import ExecuteCommand, RecordAnswerFeedback, ReviewPullRequest, SendReply

# What GitHub wrote into its answer belongs in the log.
_NO_LINE = (NotFound, Locked)
CommandJob = ReviewPullRequest | ExecuteCommand | RecordAnswerFeedback | SendReply


async def say(services: WorkerServices, claim: LeasedJob[CommandJob], text: str) -> None:
    """Answer the comment, once. Do nothing if it was deleted or its conversation was locked."""
    job = claim.job
    with suppress(*_NO_LINE):
        async with services.github_for(claim) as github:
            await post_answer.post_answer(services, claim, github, ReplyTarget.of(job), text)
            if isinstance(job, ReviewPullRequest) and job.edit:
                # The ticked box asks for a review that will not come.
                await refresh(services, github, job.repository, job.number)


async def say_failed(services: WorkerServices, claim: LeasedJob[CommandJob], reason: str) -> None:
    """Report that the command could not be run, and why."""
    before, _, body = reason.partition(": {")
    short = (before + body.rpartition("}")[2] if "}" in body else reason).rstrip(".")
    await say(services, claim, f"This failed: {line(short, 300)}. Try again later; the server's log has the details.")


async def say_reply(services: WorkerServices, claim: LeasedJob[SendReply], reason: str) -> None:
    """Post the reply's text. It needs only the conversation, so it works even if everything else failed."""
    job = claim.job
    await say(services, claim, job.text)
