"""What happens to work without a delivery, to a job that kills its worker, to a dropped job, and to expired data."""

from dataclasses import replace

import httpx
from sqlalchemy import func, select

from app.clock import now
from app.errors import WorldError
from app.repositories.mirror_request import MirrorCommits, MirroredRepository, MirrorRules
from app.repositories.mirrors import Mirror
from app.sandbox.github.webhook_sender import DeliveryMode
from app.services.worker import WorkerServices
from app.store.deletion import privacy
from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.queue import job_list
from app.store.queue.jobs import LeasedJob
from app.store.security import audit
from app.store.spending.daily_spending import by_model
from app.store.tables.core import FindingRow, JobRow, JobState, LedgerRow, RepositoryRow, RunRow, SeatAnswerRow
from app.store.tables.pages import SpendingDayRow
from app.work.job_handler import JobHandler
from app.work.job_handlers import JOB_HANDLERS
from app.work.maintenance.sweep_mirrors import sweep_mirrors
from app.work.schedule import Schedule, queue
from app.work.worker import Worker
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem
from webhooks.jobs import Prune, Reconcile, TallySpending


async def reconcile(house: InProcessSystem, slot: str = "now") -> None:
    await queue(house.workshop, [Reconcile(slot=slot)])
    await house.settle()


async def count(database: Database, row: type) -> int:
    async with database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(sql_table(row)))).scalar() or 0)


async def test_a_failed_delivery_is_recovered_once(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.sandbox.github.courier.mode = DeliveryMode.FAIL
    pull = house.open()
    await house.settle()
    assert house.comments(pull) == []
    await reconcile(house)
    await reconcile(house, "again")
    assert len(house.comments(pull)) == 1
    assert [check.conclusion for check in house.checks()] == ["success"]


async def test_a_delivery_that_was_never_sent_is_recovered(house: InProcessSystem) -> None:
    await reconcile(house, "first")
    house.script([DIVISION], [DIVISION], [])
    house.sandbox.github.courier.mode = DeliveryMode.LOSE
    pull = house.open()
    draft = house.open(branch="draft", draft=True)
    await reconcile(house)
    assert (len(house.comments(pull)), house.comments(draft)) == (1, [])


async def test_pull_requests_from_before_the_app_are_not_reviewed(house: InProcessSystem) -> None:
    house.sandbox.github.courier.mode = DeliveryMode.LOSE
    pull = house.open()
    # The installation's delivery is read an hour after the pull request was opened.
    later = replace(house.workshop, clock=lambda: now() + 3600)
    await queue(later, [Reconcile(slot="first word of this installation")])
    await Worker(later, JOB_HANDLERS).run_all()
    assert house.comments(pull) == []


async def test_a_skipped_review_is_not_queued_again(house: InProcessSystem) -> None:
    await reconcile(house, "first")
    pull = house.repository.open_pull_request("Bump", house.files, author="renovate[bot]")
    await house.settle()
    await reconcile(house)
    assert house.comments(pull) == []
    assert await count(house.workshop.database, RunRow) == 1


def test_workers_share_turns_and_a_first_call_adds_one() -> None:
    turns = {"feedback:500000", "reconcile:3000000", "prune:20833", "tally:3000000"}
    keys = {job.key for job in Schedule(poll=30).due(1_800_000_000.0, starting=True)}
    assert keys == turns | {"reconcile:start-60000000", "reconcile:poll-60000000"}
    assert {job.key for job in Schedule().due(1_800_000_599.0)} == turns


class Worse(WorldError):
    """Simulates an outage that does not end."""


async def test_a_job_is_given_up_after_four_failures(house: InProcessSystem) -> None:
    """It can be tried again."""
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    await house.sandbox.settled()

    async def fail(workshop: WorkerServices, claim: LeasedJob) -> JobState:
        raise Worse("it rains")

    broken = {**JOB_HANDLERS, "review": JobHandler(fail, JOB_HANDLERS["review"].bury)}
    for turn in range(4):
        shop = replace(house.workshop, clock=lambda turn=turn: now() + turn * 100)
        await Worker(shop, broken).run_all()
    [check] = house.checks()
    assert (check.conclusion, check.title) == ("neutral", "Could not review this: it rains")
    assert "it rains" in (check.summary or "")
    async with house.workshop.database.read() as connection:
        [dead] = await job_list.list_jobs(connection, [JobState.DEAD], 10)
    assert (dead.repository, dead.number, dead.failures) == ("acme/shop", 1, 3)

    async with house.workshop.database.write() as connection:
        assert await job_list.retry_job(connection, dead.id, now())
    await house.settle()
    assert [check.conclusion for check in house.checks()] == ["success"]
    assert len(house.comments(pull)) == 1


async def test_a_dropped_job_ends_silently(house: InProcessSystem) -> None:
    house.open()
    await house.sandbox.settled()
    async with house.workshop.database.write() as connection:
        [job] = [each for each in await job_list.list_jobs(connection, [JobState.QUEUED], 10) if each.kind == "review"]
        assert [found.id for found in await job_list.jobs_by_id(connection, job.id[-8:])] == [job.id]
        assert await job_list.drop_job(connection, job.id, now())
        assert not await job_list.drop_job(connection, job.id, now())
    await house.settle()
    assert (house.checks(), house.bought()) == ([], 0)


async def test_the_repository_sets_how_long_transcripts_are_kept(house: InProcessSystem) -> None:
    config = {".github/council.yml": "privacy: {retention_days: 10}\n"}
    house.repository.branches["main"] = house.repository.push_branch("main", config, "ada", "Set up")
    house.script([DIVISION, INJECTION], [DIVISION], [])
    house.open()
    await house.settle()
    database = house.workshop.database
    for days, left in ((9, True), (11, False)):
        shop = replace(house.workshop, clock=lambda days=days: now() + days * 86_400)
        await queue(shop, [Prune(slot=str(days))])
        await Worker(shop, JOB_HANDLERS).run_all()
        async with database.read() as connection:
            run = (await connection.execute(select(sql_table(RunRow)))).one()
        assert (run.snapshot is not None, run.verdict is not None) == (left, left)
        assert (await count(database, SeatAnswerRow) > 0) == left
    assert await count(database, FindingRow) == 2
    assert await count(database, LedgerRow) > 0


async def test_costs_are_summed_on_schedule_and_stay_the_same(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.open()
    await house.settle()
    database = house.workshop.database
    async with database.read() as connection:
        before = await by_model(connection)
    later = replace(house.workshop, clock=lambda: now() + 7_200.0)
    await queue(later, [TallySpending(slot="late")])
    await Worker(later, JOB_HANDLERS).run_all()
    assert await count(database, SpendingDayRow) > 0
    async with database.read() as connection:
        assert {(each.model, each.calls, round(each.usd, 9)) for each in await by_model(connection)} == {
            (each.model, each.calls, round(each.usd, 9)) for each in before
        }


async def test_transcripts_can_be_turned_off(house: InProcessSystem) -> None:
    config = {".github/council.yml": "privacy: {store_transcripts: false}\n"}
    house.repository.branches["main"] = house.repository.push_branch("main", config, "ada", "Set up")
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    await house.settle()
    assert len(house.comments(pull)) == 1
    assert await count(house.workshop.database, SeatAnswerRow) == 0


async def test_an_uninstallation_deletes_all_data(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.open()
    await house.settle()
    database = house.workshop.database
    assert await count(database, RunRow) == 1
    house.sandbox.world.uninstall(next(iter(house.sandbox.world.installations)))
    await house.settle()
    for row in (RunRow, FindingRow, SeatAnswerRow, LedgerRow, RepositoryRow):
        assert await count(database, row) == 0, row
    async with database.read() as connection:
        jobs = (await connection.execute(select(sql_table(JobRow).c.repository_id))).scalars().all()
    assert set(jobs) <= {0}


async def test_mirrors_are_deleted_with_their_repository(mirroring_house: InProcessSystem) -> None:
    house = mirroring_house
    other = house.sandbox.world.create_repository("acme/other")
    await house.settle()
    installation = next(iter(house.sandbox.world.installations))
    for repository in (house.repository, other):
        wanted = MirroredRepository(installation, repository.id), MirrorCommits(repository.branches["main"])
        async with house.workshop.mirrors.open(*wanted, MirrorRules()) as opened:
            assert isinstance(opened, Mirror) and opened.folder.is_relative_to(house.settings.mirrors_folder)
    folder = opened.folder.parent
    house.sandbox.world.select(installation, {"acme/shop"})
    await house.settle()
    assert not opened.folder.exists() and (folder / str(house.repository.id)).exists()
    house.sandbox.world.uninstall(installation)
    await house.settle()
    assert list(folder.iterdir()) == []


async def test_a_sweep_deletes_mirrors_of_data_deleted_elsewhere(mirroring_house: InProcessSystem) -> None:
    house = mirroring_house
    house.script([DIVISION], [DIVISION], [])
    house.open()
    await house.settle()
    installation, tip = next(iter(house.sandbox.world.installations)), house.repository.branches["main"]
    wanted = MirroredRepository(installation, house.repository.id), MirrorCommits(tip)
    async with house.workshop.mirrors.open(*wanted, MirrorRules()) as opened:
        assert isinstance(opened, Mirror)
    await sweep_mirrors(house.workshop)
    assert opened.folder.exists()
    async with house.workshop.database.write() as connection:
        event = audit.Event(house.workshop.clock() + 1, "ada", "127.0.0.1", privacy.DELETED, "Acme/Shop")
        await audit.record_event(connection, event)
    await sweep_mirrors(house.workshop)
    assert not opened.folder.exists()


async def test_the_metrics_count_the_whole_instance(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.open()
    await house.settle()
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"{house.url}/metrics", headers={"authorization": f"Bearer {house.settings.metrics_token}"})).text
    assert 'council_runs_total{state="published"} 1.0' in text
    assert 'council_jobs{kind="review",state="done"} 1.0' in text
    assert "council_queue_age_seconds 0.0" in text
    assert 'council_model_call_seconds_count{fault="none",model="openai/gpt-5.5"}' in text
    assert 'council_spent_usd_total{model="openai/gpt-5.5"} 0.0' in text
    assert 'council_deliveries_total{event="pull_request",result="recorded"} 1.0' in text
