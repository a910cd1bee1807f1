"""Daily counts: the same before and after they are stored, only of one's own repositories, and deleted with them."""

from app.store.deletion import retention
from app.store.engine.database import Database
from app.store.engine.upsert import insert_or
from app.store.reviews.runs import know_repository
from app.store.spending.daily_spending import DAY
from app.store.spending.daily_work import DayOfWork, add_up_work, work_since
from app.store.tables.core import RunRow
from tests.app.store.test_run_list import run_row
from webhooks.jobs import RepositoryRef

_TODAY = 20_000 * DAY
_NOW, _SINCE = _TODAY + 500.0, _TODAY - 9 * DAY


async def _store(database: Database) -> None:
    async with database.write() as connection:
        for repository_id in (1, 2):
            await know_repository(connection, 5, RepositoryRef(id=repository_id, full_name=f"acme/r{repository_id}"))
        runs = [run_row(f"a{number}", 1, _TODAY - number * DAY + 7.0) for number in range(10)]
        runs += [run_row("gone", 1, _TODAY - 3 * DAY, state="superseded"), run_row("other", 2, _TODAY - 3 * DAY)]
        await connection.execute(insert_or(RunRow, connection.dialect.name), runs)


async def test_stored_counts_equal_the_rows(database: Database) -> None:
    await _store(database)
    async with database.read() as connection:
        before = [await work_since(connection, _SINCE, _NOW, ids) for ids in ((1,), (1, 2), ())]
    async with database.write() as connection:
        assert await add_up_work(connection, _NOW) and not await add_up_work(connection, _NOW) and not await add_up_work(connection, _NOW)
    async with database.read() as connection:
        assert [await work_since(connection, _SINCE, _NOW, ids) for ids in ((1,), (1, 2), ())] == before
    assert before[0][6] == DayOfWork(_TODAY - 3 * DAY, runs=2, reviews=1, questions=0) and before[1][6].runs == 3
    assert [each.runs for each in before[0]] == [1, 1, 1, 1, 1, 1, 2, 1, 1, 1] and not any(each.runs for each in before[2])


async def test_counts_are_deleted_with_their_repository(database: Database) -> None:
    await _store(database)
    async with database.write() as connection:
        while await add_up_work(connection, _NOW):
            pass
        await retention.forget_repositories(connection, [1])
        assert not any(each.runs for each in await work_since(connection, _SINCE, _NOW, (1,)))
        assert sum(each.runs for each in await work_since(connection, _SINCE, _NOW, (1, 2))) == 1
