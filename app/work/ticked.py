"""Handles boxes in our summary comment that somebody ticked: how a tick is checked, refused and reverted."""

from app.errors import NotFound
from app.github.client import InstallationClient
from app.reporters.safety import code
from app.services.workshop import WorkerServices
from app.store.jobs import LeasedJob
from app.work import answering
from app.work.answering import ReplyTarget
from app.work.refreshing import refresh
from app.work.rights import Denial
from webhooks.jobs import ExecuteCommand, ReviewPullRequest


async def is_ours(workshop: WorkerServices, github: InstallationClient, job: ExecuteCommand | ReviewPullRequest) -> bool:
    """Whether the edited comment is Council's own. Another App's comment may look like it."""
    writes = workshop.writes(github, await workshop.identity(), job.repository.full_name, job.number)
    try:
        return await writes.comment(job.comment_id) is not None
    except NotFound:
        return False


async def refuse(workshop: WorkerServices, claim: LeasedJob, github: InstallationClient, refusal: Denial) -> None:
    """Clear the box again, and say why. A person who was already refused today only sees the cleared box."""
    job = claim.job
    assert isinstance(job, (ExecuteCommand, ReviewPullRequest))
    if not refusal.quiet:
        # The answer is not below a comment of that person, so it names them.
        await answering.post_answer(workshop, claim, github, ReplyTarget.of(job), f"{code(job.login)}: {refusal.line}")
    await refresh(workshop, github, job.repository, job.number)
