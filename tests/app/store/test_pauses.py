"""Which heads count towards a pause: those of one pull request that were reviewed on their own account since the last word on it."""

from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.reviews.pauses import pushes_reviewed
from app.store.tables.core import RunRow, RunState
from tests.app.store.rows import insert_row

COUNTED: dict[str, object] = {"repository_id": 1, "number": 5, "trigger": "auto", "state": RunState.PUBLISHED}


async def test_heads_are_counted_since_the_last_word(database: Database) -> None:
    async with database.write() as connection:
        assert await pushes_reviewed(connection, 1, 5, 0.0) == (0, 0.0)
        for at in (10.0, 20.0, 30.0):
            await insert_row(connection, sql_table(RunRow), id=f"run-{at}", created_at=at, **COUNTED)
        counts = [await pushes_reviewed(connection, 1, 5, since) for since in (0.0, 10.0, 20.0, 30.0)]
    assert counts == [(3, 10.0), (2, 20.0), (1, 30.0), (0, 0.0)]


async def test_only_what_was_reviewed_here_and_unasked_is_counted(database: Database) -> None:
    others: tuple[dict[str, object], ...] = ({"repository_id": 2}, {"number": 6}, {"trigger": "command"}, {"state": RunState.SUPERSEDED})
    async with database.write() as connection:
        for at, other in enumerate(others):
            await insert_row(connection, sql_table(RunRow), **COUNTED | {"id": f"run-{at}", "created_at": 10.0} | other)
        assert await pushes_reviewed(connection, 1, 5, 0.0) == (0, 0.0)
