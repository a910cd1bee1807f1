"""What happens to work without a delivery, to a job that kills its worker, to a dropped job, and to expired data."""

import asyncio
from dataclasses import replace

import httpx
from sqlalchemy import func, select

from app.clock import now
from app.errors import WorldError
from app.operations.mirror_sweep import sweep_mirrors
from app.repositories.mirror_request import MirrorCommits, MirroredRepository, MirrorRules
from app.repositories.mirrors import Mirror
from app.sandbox.github.webhook_sender import DeliveryMode
from app.services.web import open_web_services
from app.services.worker import WorkerServices, open_worker_services
from app.store.deletion import privacy
from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.queue import job_list
from app.store.queue.claims import Claimant, FreeSlots, claim_due
from app.store.queue.jobs import LeasedJob
from app.store.security import audit
from app.store.spending.daily_spending import by_model
from app.store.tables.core import FindingRow, JobRow, JobState, LedgerRow, RepositoryRow, RunRow, SeatAnswerRow
from app.store.tables.pages import SpendingDayRow
from app.work.job_handler import JobHandler
from app.work.job_handlers import JOB_HANDLERS
from app.work.schedule import Schedule, queue
from app.work.worker import Worker
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem
from webhooks.job_base import RepositoryRef
from webhooks.jobs import Prune, Reconcile, ReviewPullRequest, TallySpending


async def reconcile(system: InProcessSystem, slot: str = "now") -> None:
    await queue(system.services, [Reconcile(slot=slot)])
    await system.settle()


async def count(database: Database, row: type) -> int:
    async with database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(sql_table(row)))).scalar() or 0)


async def test_a_failed_delivery_is_recovered_once(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.sandbox.github.webhook_sender.mode = DeliveryMode.FAIL
    pull = system.open()
    await system.settle()
    assert system.comments(pull) == []
    await reconcile(system)
    await reconcile(system, "again")
    assert len(system.comments(pull)) == 1
    assert [check.conclusion for check in system.checks()] == ["success"]


async def test_a_delivery_that_was_never_sent_is_recovered(system: InProcessSystem) -> None:
    await reconcile(system, "first")
    system.script([DIVISION], [DIVISION], [])
    system.sandbox.github.webhook_sender.mode = DeliveryMode.LOSE
    pull = system.open()
    draft = system.open(branch="draft", draft=True)
    await reconcile(system)
    assert (len(system.comments(pull)), system.comments(draft)) == (1, [])


async def test_pull_requests_from_before_the_app_are_not_reviewed(system: InProcessSystem) -> None:
    system.sandbox.github.webhook_sender.mode = DeliveryMode.LOSE
    pull = system.open()
    # The installation's delivery is read an hour after the pull request was opened.
    later = replace(system.services, clock=lambda: now() + 3600)
    await queue(later, [Reconcile(slot="first word of this installation")])
    await Worker(later, JOB_HANDLERS).run_all()
    assert system.comments(pull) == []


async def test_a_skipped_review_is_not_queued_again(system: InProcessSystem) -> None:
    await reconcile(system, "first")
    pull = system.repository.open_pull_request("Bump", system.files, author="renovate[bot]")
    await system.settle()
    await reconcile(system)
    assert system.comments(pull) == []
    assert await count(system.services.database, RunRow) == 1


def test_workers_share_turns_and_a_first_call_adds_one() -> None:
    turns = {"feedback:500000", "reconcile:3000000", "prune:20833", "tally:3000000"}
    keys = {job.key for job in Schedule(poll=30).due(1_800_000_000.0, starting=True)}
    assert keys == turns | {"reconcile:start-60000000", "reconcile:poll-60000000"}
    assert {job.key for job in Schedule().due(1_800_000_599.0)} == turns


class Worse(WorldError):
    """Simulates an outage that does not end."""


async def test_a_job_is_given_up_after_four_failures(system: InProcessSystem) -> None:
    """It can be tried again."""
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.sandbox.settled()

    async def fail(services: WorkerServices, claim: LeasedJob) -> JobState:
        raise Worse("it rains")

    broken = {**JOB_HANDLERS, ReviewPullRequest: JobHandler(ReviewPullRequest, fail, JOB_HANDLERS[ReviewPullRequest].give_up)}
    for turn in range(4):
        services = replace(system.services, clock=lambda turn=turn: now() + turn * 100)
        await Worker(services, broken).run_all()
    [check] = system.checks()
    assert (check.conclusion, check.title) == ("neutral", "Could not review this: it rains")
    assert "it rains" in (check.summary or "")
    async with system.services.database.read() as connection:
        [dead] = await job_list.list_jobs(connection, [JobState.DEAD], 10)
    assert (dead.repository, dead.number, dead.failures) == ("acme/shop", 1, 3)

    async with system.services.database.write() as connection:
        assert await job_list.retry_job(connection, dead.id, now())
    await system.settle()
    assert [check.conclusion for check in system.checks()] == ["success"]
    assert len(system.comments(pull)) == 1


async def test_a_dropped_job_ends_silently(system: InProcessSystem) -> None:
    system.open()
    await system.sandbox.settled()
    async with system.services.database.write() as connection:
        [job] = [each for each in await job_list.list_jobs(connection, [JobState.QUEUED], 10) if each.kind == "review"]
        assert [found.id for found in await job_list.jobs_by_id(connection, job.id[-8:])] == [job.id]
        assert await job_list.drop_job(connection, job.id, now())
        assert not await job_list.drop_job(connection, job.id, now())
    await system.settle()
    assert (system.checks(), system.bought()) == ([], 0)


async def test_the_repository_sets_how_long_transcripts_are_kept(system: InProcessSystem) -> None:
    config = {".github/council.yml": "privacy: {retention_days: 10}\n"}
    system.repository.branches["main"] = system.repository.push_branch("main", config, "ada", "Set up")
    system.script([DIVISION, INJECTION], [DIVISION], [])
    system.open()
    await system.settle()
    database = system.services.database
    for days, left in ((9, True), (11, False)):
        services = replace(system.services, clock=lambda days=days: now() + days * 86_400)
        await queue(services, [Prune(slot=str(days))])
        await Worker(services, JOB_HANDLERS).run_all()
        async with database.read() as connection:
            run = (await connection.execute(select(sql_table(RunRow)))).one()
        assert (run.snapshot is not None, run.verdict is not None) == (left, left)
        assert (await count(database, SeatAnswerRow) > 0) == left
    assert await count(database, FindingRow) == 2
    assert await count(database, LedgerRow) > 0


async def test_costs_are_summed_on_schedule_and_stay_the_same(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    database = system.services.database
    async with database.read() as connection:
        before = await by_model(connection)
    later = replace(system.services, clock=lambda: now() + 7_200.0)
    await queue(later, [TallySpending(slot="late")])
    await Worker(later, JOB_HANDLERS).run_all()
    assert await count(database, SpendingDayRow) > 0
    async with database.read() as connection:
        assert {(each.model, each.calls, round(each.usd, 9)) for each in await by_model(connection)} == {
            (each.model, each.calls, round(each.usd, 9)) for each in before
        }


async def test_transcripts_can_be_turned_off(system: InProcessSystem) -> None:
    config = {".github/council.yml": "privacy: {store_transcripts: false}\n"}
    system.repository.branches["main"] = system.repository.push_branch("main", config, "ada", "Set up")
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    assert len(system.comments(pull)) == 1
    assert await count(system.services.database, SeatAnswerRow) == 0


async def test_an_uninstallation_deletes_all_data(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    database = system.services.database
    assert await count(database, RunRow) == 1
    system.sandbox.world.uninstall(next(iter(system.sandbox.world.installations)))
    await system.settle()
    for row in (RunRow, FindingRow, SeatAnswerRow, LedgerRow, RepositoryRow):
        assert await count(database, row) == 0, row
    async with database.read() as connection:
        jobs = (await connection.execute(select(sql_table(JobRow).c.repository_id))).scalars().all()
    assert set(jobs) <= {0}


async def test_mirrors_are_deleted_with_their_repository(mirroring_house: InProcessSystem) -> None:
    system = mirroring_house
    other = system.sandbox.world.create_repository("acme/other")
    await system.settle()
    installation = next(iter(system.sandbox.world.installations))
    for repository in (system.repository, other):
        wanted = MirroredRepository(installation, repository.id), MirrorCommits(repository.branches["main"])
        async with system.services.mirrors.open(*wanted, MirrorRules()) as opened:
            assert isinstance(opened, Mirror) and opened.folder.is_relative_to(system.settings.mirrors_folder)
    folder = opened.folder.parent
    system.sandbox.world.select(installation, {"acme/shop"})
    await system.settle()
    assert not opened.folder.exists() and (folder / str(system.repository.id)).exists()
    system.sandbox.world.uninstall(installation)
    await system.settle()
    assert list(folder.iterdir()) == []


async def test_a_sweep_deletes_mirrors_of_data_deleted_elsewhere(mirroring_house: InProcessSystem) -> None:
    system = mirroring_house
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    installation, tip = next(iter(system.sandbox.world.installations)), system.repository.branches["main"]
    wanted = MirroredRepository(installation, system.repository.id), MirrorCommits(tip)
    async with system.services.mirrors.open(*wanted, MirrorRules()) as opened:
        assert isinstance(opened, Mirror)
    await sweep_mirrors(system.services)
    assert opened.folder.exists()
    async with system.services.database.write() as connection:
        event = audit.Event(system.services.clock() + 1, "ada", "127.0.0.1", privacy.DELETED, "Acme/Shop")
        await audit.record_event(connection, event)
    await sweep_mirrors(system.services)
    assert not opened.folder.exists()


async def test_the_operator_sets_how_many_reviews_run_at_once(system: InProcessSystem) -> None:
    settings = system.settings.model_copy(update={"reviews_at_once": 3})
    heads = [ReviewPullRequest(installation_id=i, repository=RepositoryRef(id=i, full_name=f"a{i}/b"), number=1) for i in range(1, 6)]
    async with open_worker_services(settings) as services:
        await queue(services, heads)
        async with services.database.write() as connection:
            claims = await claim_due(connection, Claimant("w", services.clock(), 15.0), services.caps, FreeSlots(10, 0))
    assert len(claims) == 3


async def test_a_web_process_deletes_the_mirrors_of_an_earlier_one(system: InProcessSystem) -> None:
    """It may have the only copy on its machine, and nobody may look around there for weeks."""
    mirror = system.settings.mirrors_folder / "1" / "404"
    mirror.mkdir(parents=True)
    async with open_web_services(system.settings, system.services.database), asyncio.timeout(20):
        while mirror.exists():
            await asyncio.sleep(0.01)


async def test_the_metrics_count_the_whole_instance(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"{system.url}/metrics", headers={"authorization": f"Bearer {system.settings.metrics_token}"})).text
    assert 'council_runs_total{state="published"} 1.0' in text
    assert 'council_jobs{kind="review",state="done"} 1.0' in text
    assert "council_queue_age_seconds 0.0" in text
    assert 'council_model_call_seconds_count{fault="none",model="openai/gpt-5.5"}' in text
    assert 'council_spent_usd_total{model="openai/gpt-5.5"} 0.0' in text
    assert 'council_deliveries_total{event="pull_request",result="recorded"} 1.0' in text
