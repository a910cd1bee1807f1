"""Nothing outlives its time or its repository. Every table is checked, even those that nobody thought of. On both databases."""

import pytest
from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from app.store.deletion import retention
from app.store.deletion.retention import DAY, RetentionDays
from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.repository_settings import of_repository
from app.store.reviews import run_search, runs
from app.store.tables.core import DeliveryRow, JobRow, JobState, RunRow, RunState, SeatAnswerRow, VoteRow
from app.store.tables.decisions import CommandUseRow
from app.store.tables.notifications import NotificationRow
from app.store.tables.pages import SettingChangeRow, SettingRow
from tests.app.store.rows import all_tables, insert_row, is_text, tables_with

GONE, STAYS = 7, 8
NOW = 1_800_000_000.0
# Rows that belong to a run or a job, by the column that names it.
_OWNED = {"run_id": "run", "owner": "run", "consultation_id": "question"}
# What a command bought and wrote stands under its job.
_OF_JOBS = frozenset({"publication", "seat_answer"})
# Tables whose rows name no repository, run or question: of persons, installations, deliveries and the server itself.
_OTHERS = frozenset(
    {
        "admin",
        "api_token",
        "audit",
        "bookmark",
        "delivery",
        "github_write",
        "installation",
        "instance",
        "plan",
        "repository",
        "secret",
        "session",
        "setting",
        "setting_change",
        "typical_cost",
    }
)


async def _count(connection: AsyncConnection, rows: Table, column: str, value: object) -> int:
    query = select(func.count()).select_from(rows).where(rows.c[column] == value)
    return int((await connection.execute(query)).scalar_one())


def _owners(rows: Table, owner: str) -> tuple[str, ...]:
    return (owner, "job") if rows.name in _OF_JOBS else (owner,)


async def _fill(connection: AsyncConnection, repository_id: int) -> None:
    """One row of everything about a repository."""
    names = {"run": f"run-{repository_id}", "job": f"job-{repository_id}", "consultation": f"question-{repository_id}"}
    for rows in tables_with("repository_id"):
        named = {"id": names.get(rows.name, f"{rows.name}-{repository_id}")} if "id" in rows.c and is_text(rows.c.id) else {}
        unique = {column: str(repository_id) for column in ("key", "job_id", "digest") if column in rows.c}
        await insert_row(connection, rows, repository_id=repository_id, **named, **unique)
    for column, owner in _OWNED.items():
        for rows in tables_with(column):
            if "repository_id" not in rows.c:
                for each in _owners(rows, owner):
                    more = {"id": f"{rows.name}-{each}-{repository_id}"} if "id" in rows.c and is_text(rows.c.id) else {}
                    unique = {"key": each} if "key" in rows.c else {}
                    await insert_row(connection, rows, **{column: f"{each}-{repository_id}"}, **more, **unique)
    repository = next(rows for rows in all_tables() if rows.name == "repository")
    await insert_row(connection, repository, id=repository_id, full_name=f"o/{repository_id}")


def test_every_table_is_about_a_repository_or_known_not_to_be() -> None:
    about = {rows.name for column in ("repository_id", *_OWNED) for rows in tables_with(column)}
    assert {rows.name for rows in all_tables()} - about - _OTHERS == set()


async def test_nothing_remains_of_a_removed_repository(database: Database) -> None:
    async with database.write() as connection:
        for repository_id in (GONE, STAYS):
            await _fill(connection, repository_id)
        await retention.forget_repositories(connection, [GONE])
        for rows in tables_with("repository_id"):
            if rows.name != "api_token":
                assert await _count(connection, rows, "repository_id", GONE) == 0, rows.name
            assert await _count(connection, rows, "repository_id", STAYS) == 1, rows.name
        for column, owner in _OWNED.items():
            for rows in tables_with(column):
                for each in _owners(rows, owner):
                    assert await _count(connection, rows, column, f"{each}-{GONE}") == 0, rows.name


async def _index(connection: AsyncConnection, repository_id: int) -> None:
    """A run that is found by its words."""
    run = await runs.newest_run(connection, repository_id, 0)
    assert run is not None
    await run_search.index(connection, run, "divides by zero", NOW)


async def test_the_words_of_a_run_go_with_its_repository_and_with_its_transcript(database: Database) -> None:
    both = (GONE, STAYS)
    async with database.write() as connection:
        for repository_id in both:
            await _fill(connection, repository_id)
            await _index(connection, repository_id)
        assert sorted(await run_search.find(connection, both, "zero")) == [f"run-{GONE}", f"run-{STAYS}"]
        await retention.forget_repositories(connection, [GONE])
        assert await run_search.find(connection, both, "zero") == [f"run-{STAYS}"]
        await retention.forget_transcripts(connection, [f"run-{STAYS}"])
        assert await run_search.find(connection, both, "zero") == []


async def test_a_repository_takes_its_settings_and_their_log_along(database: Database) -> None:
    settings, log = sql_table(SettingRow), sql_table(SettingChangeRow)
    async with database.write() as connection:
        for repository_id in (GONE, STAYS):
            await insert_row(connection, settings, scope=of_repository(repository_id))
            await insert_row(connection, log, scope=of_repository(repository_id))
        await retention.forget_repositories(connection, [GONE])
        for rows in (settings, log):
            left = [await _count(connection, rows, "scope", of_repository(repository_id)) for repository_id in (GONE, STAYS)]
            assert left == [0, 1], rows.name


@pytest.mark.parametrize("state", list(JobState))
async def test_a_job_that_ended_is_kept_for_a_month(database: Database, state: JobState) -> None:
    job, answer = sql_table(JobRow), sql_table(SeatAnswerRow)
    ended = state in {JobState.DONE, JobState.SKIPPED, JobState.SUPERSEDED, JobState.CANCELLED, JobState.DEAD}
    async with database.write() as connection:
        for name, age in (("old", 31), ("young", 29)):
            finished = NOW - age * DAY if ended else None
            await insert_row(connection, job, id=name, state=state, finished_at=finished, key=name)
            await insert_row(connection, answer, run_id=name)
        await retention.prune_records(connection, NOW, RetentionDays())
        left = {name: await _count(connection, job, "id", name) for name in ("old", "young")}
        answers = {name: await _count(connection, answer, "run_id", name) for name in ("old", "young")}
    assert left == {"old": int(not ended), "young": 1}
    assert answers == {"old": int(not ended), "young": 1}


async def test_deliveries_are_kept_for_two_weeks(database: Database) -> None:
    delivery = sql_table(DeliveryRow)
    async with database.write() as connection:
        for name, age in (("old", 15), ("young", 13)):
            await insert_row(connection, delivery, guid=name, received_at=NOW - age * DAY)
        await retention.prune_records(connection, NOW, RetentionDays())
        assert [await _count(connection, delivery, "guid", name) for name in ("old", "young")] == [0, 1]


@pytest.mark.parametrize(("row", "column", "days"), [(CommandUseRow, "at", 30), (NotificationRow, "created_at", 62)])
async def test_what_is_counted_by_the_month_is_kept_for_one(database: Database, row: type[SQLModel], column: str, days: int) -> None:
    rows = sql_table(row)
    name = next(iter(rows.primary_key.columns)).name
    async with database.write() as connection:
        for key, age in (("old", days + 1), ("young", days - 1)):
            await insert_row(connection, rows, **{name: key, column: NOW - age * DAY})
        await retention.prune_records(connection, NOW, RetentionDays())
        assert [await _count(connection, rows, name, key) for key in ("old", "young")] == [0, 1]


async def test_a_transcript_takes_its_answers_and_votes_along_and_the_run_stays(database: Database) -> None:
    run, answer, vote = sql_table(RunRow), sql_table(SeatAnswerRow), sql_table(VoteRow)
    async with database.write() as connection:
        for name in ("old", "young"):
            await insert_row(connection, run, id=name, key=name, state=RunState.PUBLISHED, snapshot="{}", verdict="{}")
            await insert_row(connection, answer, run_id=name)
            await insert_row(connection, vote, run_id=name)
        await retention.forget_transcripts(connection, ["old"])
        for rows in (answer, vote):
            assert [await _count(connection, rows, "run_id", name) for name in ("old", "young")] == [0, 1], rows.name
        kept = {row.id: (row.snapshot, row.verdict) for row in await connection.execute(select(run))}
    assert kept == {"old": (None, None), "young": ("{}", "{}")}


@pytest.mark.parametrize(
    ("state", "held"),
    [*((state, {"snapshot": "{}"}) for state in RunState), (RunState.PUBLISHED, {"verdict": "{}"}), (RunState.PUBLISHED, {})],
)
async def test_only_a_run_that_ended_may_lose_its_transcript(database: Database, state: RunState, held: dict[str, str]) -> None:
    async with database.write() as connection:
        await insert_row(connection, sql_table(RunRow), id="one", state=state, updated_at=NOW - 100 * DAY, **held)
        listed = await retention.read_transcripts(connection, NOW - DAY, "")
        assert await retention.read_transcripts(connection, NOW - 101 * DAY, "") == []
        assert await retention.read_transcripts(connection, NOW - DAY, "one") == []
    assert [transcript.run_id for transcript in listed] == (["one"] if state.ended and held else [])
