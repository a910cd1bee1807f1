"""Recovers what was missed: deliveries that never arrived, and open pull requests whose head was never reviewed."""

from collections.abc import Iterator, Sequence

import structlog

from app.errors import CouncilError
from app.github.deliveries import KEPT_SECONDS, Attempt, list_attempts, payload_of
from app.github.github_app import AppInstallation
from app.github.installation_client import InstallationClient
from app.github.open_pulls import OpenPull, open_pulls, repositories
from app.services.worker import WorkerServices
from app.store.queue import missed_deliveries
from app.store.queue.deliveries import Debounce, DeliveryWithJobs, insert_jobs, record_deliveries
from app.store.queue.jobs import LeasedJob
from app.store.tables.core import JobState
from webhooks.delivery import Delivery
from webhooks.handlers import HANDLERS, jobs_of
from webhooks.jobs import Reconcile, RepositoryRef, ReviewPullRequest

log = structlog.get_logger(__name__)

_DELIVERIES = "deliveries"
# GitHub may list an attempt late, and a redelivery changes the result of an older one.
_OVERLAP_SECONDS = 900.0
_A_COMMIT = 50
_SKEW_SECONDS = 60.0
_MOST_PAYLOADS = 1_000


async def run(services: WorkerServices, claim: LeasedJob[Reconcile]) -> JobState:
    """The job: process what was missed as if it had just arrived."""
    job = claim.job
    taken = await _take_in_deliveries(services)
    found = await _sweep(services) if job.sweep else 0
    if taken or found:
        log.info("reconciled", deliveries=taken, pull_requests=found)
    return JobState.DONE


async def _take_in_deliveries(services: WorkerServices) -> int:
    """Read the payload of every missed delivery through the API. This also works if GitHub cannot reach any URL of ours.

    A delivery is recorded before it is acknowledged. If an acknowledged one is not recorded, the database is a restored backup, and the
    delivery is processed again. Deliveries from before the database's first turn belonged to another database.
    """
    now = services.clock()
    async with services.database.read() as connection:
        read_until = await missed_deliveries.bookmark(connection, _DELIVERIES)
    since = max(read_until - _OVERLAP_SECONDS, now - KEPT_SECONDS)
    async with services.github.as_app() as github:
        listed = [attempt for attempt in await list_attempts(github, since) if attempt.event in HANDLERS]
        attempts = [attempt for attempt in listed if not attempt.arrived or read_until]
        async with services.database.read() as connection:
            known = await missed_deliveries.known_guids(connection, [attempt.guid for attempt in attempts])
        new = [attempt for attempt in attempts if attempt.guid not in known]
        for batch in _batches(new[:_MOST_PAYLOADS]):
            await _record(services, github, batch)
    reached = new[_MOST_PAYLOADS].delivered_at.timestamp() if len(new) > _MOST_PAYLOADS else now
    async with services.database.write() as connection:
        await missed_deliveries.move_bookmark(connection, _DELIVERIES, reached)
    return len(new[:_MOST_PAYLOADS])


async def _record(services: WorkerServices, github: InstallationClient, batch: Sequence[Attempt]) -> None:
    arrivals = []
    for attempt in batch:
        payload = await payload_of(github, attempt)
        if payload is not None:
            arrivals.append(_arrival(services, Delivery.from_api(attempt.guid, attempt.event, payload)))
    async with services.database.write() as connection:
        await record_deliveries(connection, arrivals, services.clock(), Debounce(0.0, 0.0))


def _arrival(services: WorkerServices, delivery: Delivery) -> DeliveryWithJobs:
    jobs = tuple((services.new_id(), job) for job in jobs_of(delivery, services.settings.app_slug) or ())
    return DeliveryWithJobs(delivery.guid, delivery.event, delivery.action, delivery.installation_id, delivery.digest, jobs)


async def _sweep(services: WorkerServices) -> int:
    """Queue a review for every open head without one, limited to changes since we have known the installation."""
    queued = 0
    for installation in await services.github.installations():
        if installation.suspended_at:
            continue
        try:
            queued += await sweep_installation(services, installation, services.clock())
        except CouncilError as error:
            # An error in one installation does not stop the others. The next turn tries again.
            log.warning("could not sweep an installation", installation=installation.id, error=str(error))
    return queued


async def sweep_installation(services: WorkerServices, installation: AppInstallation, dead_until: float) -> int:
    """Queue the heads without a review. A failed review is retried as `missing.known_heads` says of `dead_until`."""
    now = services.clock()
    account = installation.account.login if installation.account else ""
    async with services.database.write() as connection:
        # GitHub's times are whole seconds on GitHub's clock.
        heard = missed_deliveries.Heard(
            installation.id, account, installation.created_at.timestamp() if installation.created_at else now, now
        )
        since = max(await missed_deliveries.known_since(connection, heard) - _SKEW_SECONDS, now - KEPT_SECONDS)
    async with services.github.installation(installation.id) as github:
        pulls = [pull for pull in await open_pulls(github, await repositories(github)) if pull.changed_at >= since]
    async with services.database.write() as connection:
        known = await missed_deliveries.known_heads(connection, {_head(pull): pull.updated_at for pull in pulls}, dead_until)
        jobs = [(services.new_id(), _review(installation.id, pull), now) for pull in pulls if _head(pull) not in known]
        return len(await insert_jobs(connection, jobs, now))


def _head(pull: OpenPull) -> missed_deliveries.Head:
    return (pull.repository.id, pull.number, pull.head_sha)


def _review(installation_id: int, pull: OpenPull) -> ReviewPullRequest:
    place = RepositoryRef(id=pull.repository.id, full_name=pull.repository.full_name)
    return ReviewPullRequest(
        installation_id=installation_id, repository=place, number=pull.number, head_sha=pull.head_sha, on="synchronize"
    )


def _batches(attempts: Sequence[Attempt]) -> Iterator[Sequence[Attempt]]:
    return (attempts[start : start + _A_COMMIT] for start in range(0, len(attempts), _A_COMMIT))
