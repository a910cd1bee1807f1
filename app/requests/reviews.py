"""Queues another review, for a page or the HTTP API."""

from app.authorization.daily_command_limit import Asker, take_turn
from app.clock import new_id
from app.services.web import WebServices
from app.store.command_uses import CommandUse
from app.store.queue.deliveries import insert_jobs
from webhooks.jobs import RepositoryRef, ReviewCause, ReviewPullRequest


async def request_review(services: WebServices, installation_id: int, repository: RepositoryRef, number: int, asker: Asker) -> str:
    """Queue a review of a pull request's present head. Returns the job's id.

    Raises Paused, or LimitReached if the person reached today's limit.
    """
    job = ReviewPullRequest(
        installation_id=installation_id,
        repository=repository,
        number=number,
        cause=ReviewCause.RERUN,
        trigger=f"page-{new_id()}",
        login=asker.login,
    )
    job_id, now = new_id(), services.clock()
    async with services.database.write() as connection:
        use = CommandUse(job_id, repository.id, asker.login, "review", paid=True, account_id=asker.account_id)
        await take_turn(connection, services.settings, use, now)
        await insert_jobs(connection, [(job_id, job, now)], now)
    return job_id
