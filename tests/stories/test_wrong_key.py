"""A wrong key or clock is the fault of this process, not of a job. A suspended installation affects only itself."""

from dataclasses import replace

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select

from app.cli.doctor import _database
from app.clock import now
from app.errors import UserError
from app.github.github_app import GitHubApp, Timing
from app.sandbox.faults import FaultKind
from app.sandbox.github.webhook_sender import DeliveryMode
from app.services.worker import WorkerServices
from app.store.engine.upsert import sql_table
from app.store.queue.jobs import LeasedJob
from app.store.tables.core import JobRow, JobState, RunRow, RunState
from app.work.job_handler import JobHandler
from app.work.job_handlers import JOB_HANDLERS
from app.work.schedule import queue
from app.work.worker import Worker
from tests.stories.harness import BASE, DIVISION, InProcessSystem
from webhooks.jobs import Reconcile, ReviewPullRequest

JOB, RUN = sql_table(JobRow), sql_table(RunRow)


def wrong_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain).decode()


def acting_with(system: InProcessSystem, key: str, clock_off: float = 0.0) -> WorkerServices:
    """A worker's services on the same database, whose App has that key and that clock."""
    timing = Timing(clock=lambda: now() + clock_off)
    github = GitHubApp(system.settings.github_api_url, int(system.settings.app_id), key, timing)
    return replace(system.services, github=github, owner="other", _identity=[])


async def jobs_of(system: InProcessSystem, kind: str = "review") -> list[tuple[str, int, str]]:
    async with system.services.database.read() as connection:
        rows = await connection.execute(select(JOB).where(JOB.c.kind == kind).order_by(JOB.c.created_at))
        return [(row.state, row.failures, row.error) for row in rows]


async def test_a_worker_with_a_wrong_key_loses_no_job(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pulls = [system.open(message=f"change {number}") for number in range(3)]
    await system.sandbox.settled()
    wrong = Worker(acting_with(system, wrong_key()), JOB_HANDLERS)
    await wrong.run_all()
    assert {job[:2] for job in await jobs_of(system)} == {(JobState.QUEUED, 0)}
    async with httpx.AsyncClient() as client:
        ready = (await client.get(f"{system.url}/readyz")).json()
    assert ready["ready"] is True and "check APP_ID, PRIVATE_KEY" in ready["workers"][0]
    with pytest.raises(UserError, match="starts no jobs: GitHub rejected the App's credentials"):
        await _database(system.settings)
    # Another machine has the right key.
    await Worker(replace(system.services, clock=lambda: now() + 5), JOB_HANDLERS).run_all()
    assert [len(pull.reviews) for pull in pulls] == [1, 1, 1]
    assert {job[:2] for job in await jobs_of(system)} == {(JobState.DONE, 0)}


@pytest.mark.slow
async def test_a_worker_resumes_once_github_accepts_it(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    refused = system.sandbox.github.faults.add("*", "^/app", FaultKind.UNAUTHORIZED, times=1_000)
    pull = system.open()
    await system.sandbox.settled()
    moment = [now()]
    worker = Worker(replace(system.services, clock=lambda: moment[0]), JOB_HANDLERS)
    await worker.run_all()
    refused.times = 0
    # The job is due again, and nothing is claimed before GitHub was asked.
    moment[0] += 5
    await worker.run_all()
    assert pull.reviews == []
    moment[0] += 10
    await worker.run_all()
    assert len(pull.reviews) == 1 and (await jobs_of(system)) == [(JobState.DONE, 0, "")]


@pytest.mark.parametrize("seconds", [90.0, -90.0, 3_600.0, -3_600.0])
async def test_a_wrong_clock_is_corrected_by_githubs(system: InProcessSystem, seconds: float) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.sandbox.settled()
    await Worker(acting_with(system, system.settings.private_key, seconds), JOB_HANDLERS).run_all()
    assert len(pull.reviews) == 1 and (await jobs_of(system)) == [(JobState.DONE, 0, "")]


async def test_a_suspended_tenant_only_ends_its_own_jobs(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    world = system.sandbox.world
    other = world.create_repository("globex/store", BASE)
    await system.sandbox.settled()
    theirs = other.open_pull_request("Theirs", dict(system.files))
    ours = system.open()
    await system.sandbox.settled()
    installation = next(each for each in world.installations.values() if each.account.login == "globex")
    # GitHub refuses it before it reports the suspension.
    installation.suspended_at = world.now()
    await system.worker.run_all()
    assert len(ours.reviews) == 1 and theirs.reviews == []
    states = {state: error for state, failures, error in await jobs_of(system)}
    assert states[JobState.DONE] == "" and states[JobState.SUPERSEDED].startswith("suspended: ")
    # Resumed, its head counts as not reviewed.
    installation.suspended_at = None
    world.suspend(installation.id, suspended=False)
    await system.settle()
    assert len(theirs.reviews) == 1


async def test_a_sweep_requests_no_token_for_a_suspended_installation(system: InProcessSystem) -> None:
    await system.settle()
    (installation,) = system.sandbox.world.installations.values()
    installation.suspended_at = system.sandbox.world.now()
    system.sandbox.log.clear()
    # A process that starts now has no token yet.
    await queue(system.services, [Reconcile(slot="now")])
    await Worker(acting_with(system, system.settings.private_key), JOB_HANDLERS).run_all()
    operations = {exchange.operation for exchange in system.sandbox.log.exchanges}
    assert "list_installations" in operations and "create_token" not in operations


async def test_a_sweep_continues_after_a_failing_installation(system: InProcessSystem) -> None:
    await system.settle()
    system.sandbox.github.webhook_sender.mode = DeliveryMode.LOSE
    other = system.sandbox.world.create_repository("globex/store", BASE)
    system.open()
    theirs = other.open_pull_request("Theirs", dict(system.files))
    ours = system.sandbox.world.installation_of(system.repository)
    assert ours is not None
    system.sandbox.github.faults.add("POST", f"^/app/installations/{ours.id}/access_tokens$", FaultKind.FORBIDDEN, times=99)
    # A process that starts now has no token yet.
    services = acting_with(system, system.settings.private_key)
    assert next(installation.id for installation in await services.github.installations()) == ours.id
    await queue(system.services, [Reconcile(slot="now")])
    await Worker(services, {**JOB_HANDLERS, ReviewPullRequest: JobHandler(ReviewPullRequest, _leave)}).run_all()
    async with system.services.database.read() as connection:
        found = (await connection.execute(select(JOB.c.repository_id, JOB.c.number).where(JOB.c.kind == "review"))).all()
    assert [tuple(row) for row in found] == [(other.id, theirs.number)]


async def _leave(services: WorkerServices, claim: LeasedJob) -> JobState:
    return JobState.DONE


async def test_a_suspension_in_the_middle_ends_the_run(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.sandbox.github.faults.add("GET", "/pulls/1$", FaultKind.UNAUTHORIZED, times=3)
    system.open()
    await system.sandbox.settled()
    (installation,) = system.sandbox.world.installations.values()
    await system.worker.run_all()
    (job,) = await jobs_of(system)
    # The token was refused and the App was not: it is created again at the next try.
    assert job[0] == JobState.QUEUED and "the token is no longer valid" in job[2]
    installation.suspended_at = system.sandbox.world.now()
    await Worker(replace(system.services, clock=lambda: now() + 30), JOB_HANDLERS).run_all()
    (job,) = await jobs_of(system)
    assert job[0] == JobState.SUPERSEDED
    async with system.services.database.read() as connection:
        assert (await connection.execute(select(RUN.c.state))).scalars().all() == [RunState.SUPERSEDED]
