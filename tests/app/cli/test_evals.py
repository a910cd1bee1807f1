"""`council eval`, `simulate` and `replay`, as a person runs them."""

import json
from pathlib import Path

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from app.cli.main import app
from app.errors import UserError
from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.reviews.runs import stored_verdict
from app.store.tables.core import RunRow
from reviewers.council.deliberation import deliberate
from tests.reviewers.evals.rows import rows, text
from tests.reviewers.samples import BRIEF, RACE, TIMEOUT, council, member, opinion, snapshot, votes


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "rows.jsonl"
    path.write_text(text(rows()), encoding="utf-8")
    return str(path)


def test_eval_prints_a_row_a_judge(data: str) -> None:
    shown = CliRunner().invoke(app, ["eval", "--data", data])
    assert shown.exit_code == 0
    assert "best single" in shown.output
    assert "strict" in shown.output
    made = json.loads(CliRunner().invoke(app, ["eval", "--data", data, "--json", "--ranker", "count"]).output)
    assert [each["judge"] for each in made["judges"]] == ["kind", "strict"]


def test_simulate_says_from_where_on_critique_pays(data: str) -> None:
    shown = CliRunner().invoke(app, ["simulate", "--data", data, "--draws", "2"])
    assert shown.exit_code == 0
    assert "no critique" in shown.output
    assert "100%" in shown.output
    made = json.loads(CliRunner().invoke(app, ["simulate", "--data", data, "--draws", "2", "--json"]).output)
    assert [each["accuracy"] for each in made["scores"]] == [None, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


@pytest.mark.parametrize("content", ["", "{}\n", "no json\n"])
def test_a_file_of_another_kind_is_the_users_error(content: str, tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(content, encoding="utf-8")
    for command in ("eval", "simulate"):
        shown = CliRunner().invoke(app, [command, "--data", str(path)])
        assert isinstance(shown.exception, UserError)
        assert str(path) in str(shown.exception)


async def store(database: Database, run_id: str, verdict: str | None) -> None:
    values = {
        "id": run_id,
        "key": run_id,
        "job_id": "j",
        "installation_id": 1,
        "repository_id": 1,
        "repository": "acme/shop",
        "number": 7,
        "head_sha": "a" * 40,
        "trigger": "auto",
        "cause": "auto",
        "login": "",
        "state": "published",
        "reason": "",
        "verdict": verdict,
        "created_at": 1.0,
        "updated_at": 1.0,
    }
    async with database.write() as connection:
        await connection.execute(insert(sql_table(RunRow)).values(values))


async def test_a_run_is_found_by_the_beginning_of_its_id(database: Database) -> None:
    await store(database, "abc1", "{}")
    await store(database, "abd2", None)
    async with database.read() as connection:
        assert await stored_verdict(connection, "abc") == "{}"
        for beginning, said in (("x", "no run"), ("ab", "more than one"), ("abd2", "no verdict"), ("%", "no run")):
            with pytest.raises(UserError, match=said):
                await stored_verdict(connection, beginning)


def test_a_replay_shows_what_moved_and_needs_the_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from app.store.engine.database import open_database

    async def prepare() -> None:
        models = (
            member("a/one", opinion(RACE), votes("confirm")),
            member("b/two", opinion(TIMEOUT), votes("reject")),
            member("c/three", opinion(), votes("confirm")),
        )
        verdict = await deliberate(BRIEF, snapshot(), council(*models))
        database = open_database("", tmp_path)
        await database.migrate()
        await store(database, "run1", verdict.model_dump_json())
        await store(database, "old2", verdict.model_copy(update={"minutes": None}).model_dump_json())
        await database.close()

    asyncio.run(prepare())
    monkeypatch.setenv("COUNCIL_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "")
    shown = CliRunner().invoke(app, ["replay", "run1"])
    assert shown.exit_code == 0, shown.exception
    assert "No finding moved." in shown.output
    moved = json.loads(CliRunner().invoke(app, ["replay", "run1", "--ranker", "count", "--json"]).output)
    assert [each["rank_now"] for each in moved] == [1, 2]
    scores = tmp_path / "table.json"
    scores.write_text('{"bins": [{"floor": 0.0, "n": 60, "right": 30}]}', encoding="utf-8")
    sure = json.loads(CliRunner().invoke(app, ["replay", "run1", "--table", str(scores), "--json"]).output)
    assert {each["confidence_now"] for each in sure} == {0.5}
    scores.write_text("[]", encoding="utf-8")
    assert isinstance(CliRunner().invoke(app, ["replay", "run1", "--table", str(scores)]).exception, UserError)
    assert "too old to replay" in str(CliRunner().invoke(app, ["replay", "old2"]).exception)
