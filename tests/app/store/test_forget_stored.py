"""A person deletes the data of a repository: of its ended runs nothing is left but their costs, and nothing else is touched."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.deletion import privacy
from app.store.engine.database import Database
from app.store.engine.upsert import insert_or
from app.store.questions import memory_search
from app.store.reviews import run_search
from app.store.reviews.runs import Run
from app.store.tables.consultations import ConsultationRow
from app.store.tables.core import FindingRow, RunRow, RunState, SeatAnswerRow, VoteRow
from app.store.tables.pages import RedCheckRow
from tests.app.store.test_run_list import run_row
from webhooks.jobs import RepositoryRef

_MINE, _OTHER = 1, 2
_FINDING: dict[str, object] = {
    "number": 1,
    "fingerprint": "f",
    "standing": "rejected",
    "severity": "low",
    "category": "style",
    "path": "a.py",
}
_FINDING |= {"title": "t", "confidence": 0.5, "raised_by": "a", "inline": False}
_QUESTION: dict[str, object] = {
    "installation_id": 1,
    "repository": "o/r",
    "number": 0,
    "comment_id": 0,
    "login": "ada",
    "specialist": "ask",
}
_QUESTION |= {"question": "Why is it slow?", "title": "Slow", "summary": "", "url": "", "state": "answered", "resolved": 0, "score": 0}
_QUESTION |= {"created_at": 1.0, "updated_at": 1.0, "kept_until": 9.0}


@pytest.fixture
async def stored(database: Database) -> Database:
    """Two ended runs and an open one of the repository, an ended run of another, and a question of each repository."""
    async with database.write() as connection:
        for name, repository, state in (
            ("ended", _MINE, "published"),
            ("dead", _MINE, "dead"),
            ("open", _MINE, "publishing"),
            ("other", _OTHER, "published"),
        ):
            await _store_run(connection, name, repository, state)
        for name, repository in (("asked", _MINE), ("elsewhere", _OTHER)):
            row = {**_QUESTION, "id": name, "key": name, "repository_id": repository}
            await connection.execute(insert_or(ConsultationRow, connection.dialect.name), [row])
            await memory_search.index_answer(connection, repository, {name: "Why is it slow?"})
    return database


async def _store_run(connection: AsyncConnection, name: str, repository: int, state: str) -> None:
    rows: list[tuple[type, dict[str, object]]] = [
        (RunRow, run_row(name, repository, 5.0, state=state, title="Said", author="ann") | {"snapshot": "{}", "verdict": "{}"}),
        (FindingRow, {**_FINDING, "run_id": name, "short_id": "1", "repository_id": repository}),
        (VoteRow, {"run_id": name, "short_id": "1", "seat": "a", "stance": "confirm", "evidence": ""}),
        (SeatAnswerRow, {"run_id": name, "seat": "a", "digest": "d", "body": "Said", "created_at": 1.0}),
        (RedCheckRow, {"run_id": name, "name": "unit", "repository_id": repository, "cause": "test", "red_before": False, "at": 1.0}),
    ]
    for table, row in rows:
        await connection.execute(insert_or(table, connection.dialect.name), [row])
    run = Run(name, RepositoryRef(id=repository, full_name="o/r"), 1, "", "", "", "", RunState.PUBLISHED, *[None] * 5)
    await run_search.index(connection, run, "Said", 5.0)


async def test_only_the_ended_runs_of_the_repository_are_forgotten(stored: Database) -> None:
    async with stored.write() as connection:
        await privacy.forget_stored(connection, _MINE)
    async with stored.read() as connection:
        for name in ("finding", "vote", "seat_answer", "red_check", "run_words"):
            left = (await connection.execute(text(f"SELECT run_id FROM {name} ORDER BY run_id"))).scalars().all()
            assert list(left) == ["open", "other"], name
        for name in ("consultation", "consultation_words"):
            key = "consultation_id" if name == "consultation_words" else "id"
            assert (await connection.execute(text(f"SELECT {key} FROM {name}"))).scalars().all() == ["elsewhere"], name
        runs = (await connection.execute(text("SELECT id, title, author, snapshot, verdict FROM run"))).all()
    kept, gone = ("Said", "ann", "{}", "{}"), ("", "", None, None)
    assert {row[0]: tuple(row[1:]) for row in runs} == {"ended": gone, "dead": gone, "open": kept, "other": kept}
