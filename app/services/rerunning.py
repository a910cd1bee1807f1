"""Ask for a review once more, from a page or the HTTP API."""

from app.services.clock import new_id
from app.store.database import Database
from app.store.intake import insert_jobs
from webhooks.jobs import Cause, RepositoryRef, ReviewPullRequest


async def review_again(database: Database, place: tuple[int, RepositoryRef, int], login: str, now: float) -> str:
    """Queue a review of a pull request's present head; `place` is installation, repository and number. Returns the job's id."""
    installation_id, repository, number = place
    job = ReviewPullRequest(
        installation_id=installation_id,
        repository=repository,
        number=number,
        cause=Cause.RERUN,
        trigger=f"page-{new_id()}",
        login=login,
    )
    job_id = new_id()
    async with database.write() as connection:
        await insert_jobs(connection, [(job_id, job, now)], now)
    return job_id
