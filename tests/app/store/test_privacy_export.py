"""An export reads runs in portions: many small ones at once, large ones separately, in order and complete."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.deletion import privacy
from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.reviews.transcripts import transcripts_of
from app.store.tables.core import RunRow, RunState, SeatAnswerRow
from app.store.tables.pages import RedCheckRow

_LARGE = "x" * 5_000_000


async def _run(connection: AsyncConnection, run_id: str, at: float, snapshot: str | None) -> None:
    names = ("job_id", "repository", "head_sha", "trigger", "cause", "login", "reason", "title", "author", "headline")
    values = dict.fromkeys(names, "") | {"id": run_id, "key": run_id, "installation_id": 1, "repository_id": 1, "number": 1}
    values |= {"state": RunState.PUBLISHED, "created_at": at, "updated_at": at, "snapshot": snapshot, "verdict": None}
    await connection.execute(sql_table(RunRow).insert(), values)


async def test_a_portion_has_at_least_one_run(database: Database) -> None:
    sizes: dict[str, str | None] = {"d": "small", "b": _LARGE, "c": _LARGE, "a": None, "e": "small"}
    async with database.write() as connection:
        sizes["e"] = transcripts_of(connection).kept("e", "snapshot", "small", sealed=True)
        for at, (run_id, snapshot) in enumerate(sizes.items()):
            await _run(connection, run_id, float(at), snapshot)
        for seat in ("two", "one"):
            values = {"run_id": "d", "seat": seat, "digest": "x", "body": f"said by {seat}", "created_at": 1.0}
            await connection.execute(sql_table(SeatAnswerRow).insert(), values)
        red = {"run_id": "e", "name": "test", "repository_id": 1, "cause": "test", "red_before": False, "at": 1.0}
        await connection.execute(sql_table(RedCheckRow).insert(), red)
    async with database.read() as connection:
        ids = await privacy.run_ids(connection, 1)
        assert list(ids) == ["d", "b", "c", "a", "e"]
        assert await privacy.export_portions(connection, ids) == [["d", "b"], ["c", "a", "e"]]
        small = await privacy.whole_runs(connection, ["e", "gone", "d"])
        assert await privacy.holdings(connection, 1) == privacy.Holdings(runs=5, transcripts=4, sealed=1, findings=0, consultations=0)
    assert [each["id"] for each in small] == ["e", "d"]
    assert [each["seat"] for each in small[1]["answers"]] == ["one", "two"] and small[0]["answers"] == []  # type: ignore[attr-defined]
    assert small[0]["snapshot"] == "small"
    assert [each["name"] for each in small[0]["red_checks"]] == ["test"]  # type: ignore[attr-defined]
