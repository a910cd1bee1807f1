"""Runs are listed, filtered and searched one page at a time, and other tenants' runs never appear."""

import pytest

from app.store.engine.database import Database
from app.store.engine.upsert import insert_or
from app.store.reviews import run_list, run_search
from app.store.reviews.run_list import Filter
from app.store.reviews.runs import Run
from app.store.tables.core import RunRow, RunState
from webhooks.jobs import RepositoryRef


def run_row(name: str, repository: int, at: float, **values: str | int) -> dict[str, object]:
    """A published run's row."""
    row: dict[str, object] = {
        **{"id": name, "key": name, "job_id": "", "installation_id": 1, "repository_id": repository, "repository": f"o/r{repository}"},
        **{"number": 1, "head_sha": "a" * 40, "trigger": "auto", "cause": "auto", "login": "", "state": "published", "reason": ""},
        **{"title": "", "author": "", "headline": "", "created_at": at, "updated_at": at},
    }
    return {**row, **values}


async def _stored(database: Database, name: str, repository: int, at: float, **values: str) -> None:
    async with database.write() as connection:
        await connection.execute(insert_or(RunRow, connection.dialect.name).values(run_row(name, repository, at, **values)))
        run = Run(name, RepositoryRef(id=repository, full_name="o/r"), 1, "", "", "", "", RunState.PUBLISHED, *[None] * 5)
        await run_search.index(connection, run, values.get("title", ""), at)


async def _names(database: Database, repositories: list[int], asked: Filter, most: int = 50) -> list[str]:
    async with database.read() as connection:
        page = await run_list.page(connection, repositories, asked, most)
    return [line.id for line in page.lines]


async def test_pages_follow_one_another_without_a_gap(database: Database) -> None:
    for number in range(7):
        await _stored(database, f"n{number}", 1 + number % 2, 100.0 + number // 3)
    seen, before = [], None
    async with database.read() as connection:
        while True:
            page = await run_list.page(connection, [1, 2], Filter(before=before), 2)
            seen += [line.id for line in page.lines]
            before = page.following
            if before is None:
                break
    assert seen == ["n6", "n5", "n4", "n3", "n2", "n1", "n0"]


async def test_filters_and_words_narrow_the_list(database: Database) -> None:
    await _stored(database, "a", 1, 1.0, author="ann", title="Retry the token refresh")
    await _stored(database, "b", 1, 2.0, author="bob", state="dead", title="Cache the tokens of a tenant")
    await _stored(database, "c", 2, 3.0, author="ann", cause="command", title="Refresh the cache")
    assert await _names(database, [1, 2], Filter(author="ann")) == ["c", "a"]
    assert await _names(database, [1, 2], Filter(state="dead")) == ["b"]
    assert await _names(database, [1, 2], Filter(cause="command", since=2.5)) == ["c"]
    assert await _names(database, [1, 2], Filter(words="token")) == ["b", "a"]
    assert await _names(database, [1, 2], Filter(words="cached tenants")) == ["b"]
    assert await _names(database, [1], Filter(words="refresh cache")) == []
    assert await _names(database, [1], Filter(words="'; drop \"table")) == []
    assert await _names(database, [], Filter()) == []


async def test_another_tenants_words_do_not_match(database: Database) -> None:
    await _stored(database, "mine", 1, 1.0, title="payments")
    await _stored(database, "theirs", 11, 2.0, title="payments")
    assert await _names(database, [1], Filter(words="payments")) == ["mine"]
    async with database.write() as connection:
        await run_search.forget_repositories(connection, [1])
    assert await _names(database, [1], Filter(words="payments")) == []


@pytest.mark.slow
async def test_the_newest_runs_of_thousands_of_repositories(database: Database) -> None:
    reached = list(range(1, 2_501))
    for at, repository in enumerate((1, 1_300, 2_500)):
        await _stored(database, f"r{repository}", repository, float(at), title="Cache the tokens")
    assert await _names(database, reached, Filter()) == ["r2500", "r1300", "r1"]
    assert await _names(database, reached, Filter(words="cache"), 2) == ["r2500", "r1300"]
