"""Answers a comment exactly once, in the conversation or in its thread on the diff."""

from dataclasses import dataclass

from app.github.installation_client import InstallationClient
from app.github.publisher import PullRequestPublisher
from app.reporters.answer import PATIENCE, AnswerComment, Thread
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob
from app.work.commands.authorization import Denial
from webhooks.job_base import FromComment

_SURFACE = "reply"


@dataclass(frozen=True)
class ReplyTarget:
    """The comment to answer, or with `in_review` the body of a review. `thread_id` is 0 in the conversation."""

    full_name: str
    number: int
    comment_id: int
    thread_id: int = 0
    in_review: bool = False

    @classmethod
    def of(cls, job: FromComment) -> "ReplyTarget":
        return cls(job.repository.full_name, job.number, job.comment_id, job.thread_id, job.in_review)


async def post_answer(services: WorkerServices, claim: LeasedJob, github: InstallationClient, place: ReplyTarget, text: str) -> None:
    """Post the answer. A marker finds an earlier one whose acknowledgement was lost."""
    writes = await _writes(services, github, place)
    outbox = services.outbox_of_job(claim)
    thread = Thread(place.thread_id, is_patient=claim.attempt <= PATIENCE)
    comment = AnswerComment(writes, outbox, thread, _SURFACE)
    # The permission check just before this has already written the row.
    if not await comment.answered(waits=False):
        await comment.begin(lambda marker: f"{text}\n\n{marker}")


async def find_answer(services: WorkerServices, claim: LeasedJob, github: InstallationClient, place: ReplyTarget) -> bool:
    """Whether the answer is already posted, so that the work need not be repeated.

    If this database has no record of it, look on GitHub: an acknowledgement may be lost, or a backup restored.
    """
    outbox = services.outbox_of_job(claim)
    entry = await outbox.recall(_SURFACE)
    if entry is not None and entry.remote_id:
        return True
    thread = Thread(place.thread_id, is_patient=claim.attempt <= PATIENCE)
    return await AnswerComment(await _writes(services, github, place), outbox, thread, _SURFACE).answered()


async def post_refusal(services: WorkerServices, claim: LeasedJob, github: InstallationClient, place: ReplyTarget, refusal: Denial) -> None:
    """Post one polite line, or a 👎, which a review's body does not accept. GitHub keeps only one reaction of each kind."""
    if not refusal.quiet:
        await post_answer(services, claim, github, place, refusal.line)
    elif not place.in_review:
        await (await _writes(services, github, place)).react(place.comment_id, "-1", on_review_comment=bool(place.thread_id))


async def _writes(services: WorkerServices, github: InstallationClient, place: ReplyTarget) -> PullRequestPublisher:
    return services.writes(github, await services.identity(), place.full_name, place.number)
