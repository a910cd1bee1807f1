"""Queries that find what a review left on GitHub, or what it must not do again."""

import math

from app.store.engine.database import Database
from app.store.queue.job_list import reviews_since
from app.store.queue.missed_deliveries import known_heads
from app.store.reviews.runs import list_unwithdrawn, was_spent_on_another
from app.store.tables.core import RunState
from tests.app.store.rows import all_tables, insert_row

NOW = 1_800_000_000.0
TABLES = {table.name: table for table in all_tables()}


async def fill(database: Database, table: str, *rows: dict[str, object]) -> None:
    async with database.write() as connection:
        for row in rows:
            await insert_row(connection, TABLES[table], **row)


def run(name: str, state: RunState, **more: object) -> dict[str, object]:
    return {"id": name, "repository_id": 1, "number": 2, "head_sha": name, "state": state, "job_id": f"job of {name}"} | more


async def test_a_canceled_run_is_withdrawn_unless_somebody_holds_its_job(database: Database) -> None:
    names = ("left", "done", "held", "going")
    await fill(database, "run", *(run(name, RunState.CANCELLED) for name in names), run("shown", RunState.PUBLISHED))
    posts = ({"owner": name, "surface": "check", "marker": name, "done": name == "done"} for name in (*names, "shown"))
    await fill(database, "publication", *posts, {"owner": "done", "surface": "summary", "marker": "s", "done": False})
    ended: dict[str, object] = {"finished_at": NOW - 5, "lease_until": NOW - 9}
    jobs: dict[str, dict[str, object]] = dict.fromkeys(names, ended)
    jobs |= {"held": {"finished_at": NOW - 5, "lease_until": NOW + 9}, "going": {"finished_at": None, "lease_until": NOW - 9}}
    await fill(database, "job", *({"id": f"job of {name}", "key": name, **times} for name, times in jobs.items()))
    async with database.read() as connection:
        assert [each.id for each in await list_unwithdrawn(connection, 1, 2, NOW)] == ["left"]
        assert await list_unwithdrawn(connection, 1, 3, NOW) == []


async def test_a_job_that_paid_for_another_head_is_found(database: Database) -> None:
    await fill(database, "run", run("paid", RunState.CANCELLED, job_id="j"), run("free", RunState.CANCELLED, job_id="k"))
    await fill(database, "ledger", {"id": "c", "run_id": "paid"})
    async with database.read() as connection:
        spent = [await was_spent_on_another(connection, job, head) for job, head in (("j", "other"), ("j", "paid"), ("k", "other"))]
    assert spent == [True, False, False]


async def test_the_first_reviews_of_later_pull_requests_are_listed(database: Database) -> None:
    jobs = (
        (3, "review:1:3:abc:auto", NOW + 1),
        (4, "review:1:4:abc:auto", NOW - 1),
        (5, "review:1:5:abc:7", NOW + 1),
        (6, "review:1:6:abc:auto", NOW),
    )
    rows = ({"id": str(n), "key": key, "kind": "review", "repository_id": 1, "number": n, "created_at": at} for n, key, at in jobs)
    await fill(database, "job", *rows)
    # The head of number 6 was reviewed before.
    await fill(database, "run", run("r", RunState.PUBLISHED, number=6, head_sha="abc", created_at=NOW - 9))
    async with database.read() as connection:
        assert await reviews_since(connection, 1, "abc", NOW) == {3}


async def test_a_full_sweep_finds_a_head_under_the_summary_of_another(database: Database) -> None:
    heads = {(1, 2, "old"): NOW, (1, 7, "same"): NOW}
    shown = {"verdict": "{}", "config": "{}"}
    await fill(
        database,
        "run",
        run("old", RunState.PUBLISHED, updated_at=NOW - 9, **shown),
        run("new", RunState.PUBLISHED, updated_at=NOW - 5, **shown),
        run("same", RunState.PUBLISHED, number=7, updated_at=NOW - 5, **shown),
    )
    async with database.read() as connection:
        assert await known_heads(connection, heads, NOW) == set(heads)
        assert await known_heads(connection, heads, math.inf) == {(1, 7, "same")}
