"""Holds reviews while paid work is paused on this server, reports that on the check run, and resumes them later."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from app.configuration.repository_config import Publish, RepositoryConfig
from app.errors import GitHubRejected, NotFound, Paused
from app.reporters import check_run
from app.services.worker import WorkerServices
from app.store import instance
from app.store.queue.jobs import LeasedJob
from app.work.reviews.review_run import ReviewRun

log = structlog.get_logger(__name__)


async def go_on(services: WorkerServices, claim: LeasedJob) -> None:
    """Raise Paused for a job that is waiting for the end of the pause and has reported it."""
    if claim.error == str(Paused()):
        async with services.database.read() as connection:
            await instance.require_running(connection)


async def wait_for_resumption(review: ReviewRun, config: RepositoryConfig) -> None:
    """Raise Paused while paid work is paused, once the check run reports it."""
    async with announce_pause(review, config), review.services.database.read() as connection:
        await instance.require_running(connection)


@asynccontextmanager
async def announce_pause(review: ReviewRun, config: RepositoryConfig) -> AsyncIterator[None]:
    """Report a pause on the check run. If GitHub refuses that, only the run page shows the pause."""
    try:
        yield
    except Paused as paused:
        if config.review.publish is not Publish.NONE:
            try:
                await check_run.pause(review.run.id, review.run.head_sha, str(paused), review.writes, review.outbox)
            except (GitHubRejected, NotFound) as error:
                log.warning("could not post the check run of a paused review", error=str(error))
        raise
