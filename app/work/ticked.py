"""Handles boxes in our summary comment that somebody ticked: how a tick is checked, refused and reverted."""

from app.errors import NotFound
from app.github.client import GitHub
from app.reporters.safety import code
from app.services.workshop import Workshop
from app.store.jobs import Claim
from app.work import answering
from app.work.answering import Place
from app.work.refreshing import refresh
from app.work.rights import Refusal
from webhooks.jobs import ExecuteCommand, ReviewPullRequest


async def is_ours(workshop: Workshop, github: GitHub, job: ExecuteCommand | ReviewPullRequest) -> bool:
    """Whether the edited comment is Council's own. Another App's comment may look like it."""
    writes = workshop.writes(github, await workshop.identity(), job.repository.full_name, job.number)
    try:
        return await writes.comment(job.comment_id) is not None
    except NotFound:
        return False


async def refuse(workshop: Workshop, claim: Claim, github: GitHub, refusal: Refusal) -> None:
    """Clear the box again, and say why. A person who was already refused today only sees the cleared box."""
    job = claim.job
    assert isinstance(job, (ExecuteCommand, ReviewPullRequest))
    if not refusal.quiet:
        # The answer is not below a comment of that person, so it names them.
        await answering.answer(workshop, claim, github, Place.of(job), f"{code(job.login)}: {refusal.line}")
    await refresh(workshop, github, job.repository, job.number)
