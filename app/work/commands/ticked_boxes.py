"""Handles boxes in our summary comment that somebody ticked: how a tick is checked, refused and reverted."""

from app.errors import NotFound
from app.github.installation_client import InstallationClient
from app.reporters.text.safety import code
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob
from app.work.commands.authorization import Denial
from app.work.questions import post_answer
from app.work.questions.post_answer import ReplyTarget
from app.work.reviews.refresh_summary import refresh
from webhooks.jobs import ExecuteCommand, ReviewPullRequest


async def is_ours(services: WorkerServices, github: InstallationClient, job: ExecuteCommand | ReviewPullRequest) -> bool:
    """Whether the edited comment is Council's own. Another App's comment may look like it."""
    writes = services.writes(github, await services.identity(), job.repository.full_name, job.number)
    try:
        return await writes.comment(job.comment_id) is not None
    except NotFound:
        return False


async def refuse(
    services: WorkerServices, claim: LeasedJob[ExecuteCommand | ReviewPullRequest], github: InstallationClient, refusal: Denial
) -> None:
    """Clear the box again, and say why. A person who was already refused today only sees the cleared box."""
    job = claim.job
    if not refusal.quiet:
        # The answer is not below a comment of that person, so it names them.
        await post_answer.post_answer(services, claim, github, ReplyTarget.of(job), f"{code(job.login)}: {refusal.line}")
    await refresh(services, github, job.repository, job.number)
