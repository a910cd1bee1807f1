"""`council status`: one line or JSON for scripts, and an exit code."""

import json
import os
from pathlib import Path

from app.reporters.text.status_text import pause_line, status_line
from app.store import instance
from app.store.engine.database import open_database
from app.store.engine.upsert import insert_or
from app.store.queue.deliveries import insert_jobs
from app.store.reviews.pull_status import repository_named, status_of
from app.store.reviews.runs import close_runs, know_repository, set_wanted_head
from app.store.tables.core import RunRow, RunState
from tests.app.cli.warm import run_council
from webhooks.jobs import RepositoryRef, ReviewPullRequest

SHOP = RepositoryRef(id=7, full_name="acme/shop")
WORDS = {
    1: "Reviewed `1111111`: 2 to fix.",
    2: "Not reviewed: it is a draft. `/council review` reviews it now.",
    3: "The review of `3333333` could not finish: no answer.",
    4: "The review of `4444444` is queued.",
    5: "Not reviewed: it was closed or made a draft",
    6: "Not reviewed: this server has received no event about it",
}


async def store(data: Path) -> None:
    """Six pull requests, each in a different stage."""
    database = open_database("", data, "")
    await database.migrate()
    ends = {1: (RunState.PUBLISHED, ""), 2: (RunState.CANCELLED, "skipped: it is a draft"), 3: (RunState.DEAD, "no answer")}
    async with database.write() as connection:
        await know_repository(connection, 42, SHOP)
        for number, (state, reason) in ends.items():
            await set_wanted_head(connection, 7, number, f"{number}" * 40)
            run = {"id": f"r{number}", "key": f"k{number}", "job_id": "j", "installation_id": 42, "repository_id": 7}
            run |= {"repository": "acme/shop", "number": number, "head_sha": f"{number}" * 40, "trigger": "auto", "cause": "auto"}
            run |= {"login": "", "state": state, "reason": reason, "title": "", "author": "", "created_at": 1.0, "updated_at": 2.0}
            await connection.execute(insert_or(RunRow, "sqlite").values(headline="2 to fix" if number == 1 else "", **run))
        job = ReviewPullRequest(installation_id=42, repository=SHOP, number=4, head_sha="4" * 40)
        await set_wanted_head(connection, 7, 4, "4" * 40)
        await insert_jobs(connection, [("j4", job, 1.0)], 1.0)
        await close_runs(connection, 7, 5)
    await database.close()


async def test_the_line_says_why(tmp_path: Path) -> None:
    await store(tmp_path)
    database = open_database("", tmp_path, "")
    async with database.read() as connection:
        assert await repository_named(connection, "Acme/Shop") == 7 and await repository_named(connection, "acme/other") == 0
        lines = {number: status_line(await status_of(connection, 7, number)) for number in range(1, 7)}
    await database.close()
    for number, words in WORDS.items():
        assert words in lines[number], lines[number]


async def test_json_and_exit_codes_for_scripts(tmp_path: Path) -> None:
    await store(tmp_path)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COUNCIL_DATA": str(tmp_path)}

    async def status(*arguments: str) -> tuple[int, str]:
        done = await run_council(("status", *arguments), environment)
        return done.code, done.out + done.err

    assert await status("acme/shop#1") == (0, "Reviewed 1111111: 2 to fix.\n")
    code, said = await status("acme/shop#4", "--json", "--wait", "--timeout", "0.1")
    assert code == 2 and json.loads(said)["stage"] == "queued" and json.loads(said)["number"] == 4
    code, said = await status("acme/other#1")
    assert code == 2 and "does not know acme/other" in said


async def test_a_pause_shows_who_and_when(tmp_path: Path) -> None:
    await store(tmp_path)
    database = open_database("", tmp_path, "")
    async with database.write() as connection:
        assert pause_line(await instance.read_instance(connection)) == ""
        await instance.pause_instance(connection, "ada", 1_800_000_000.0)
    await database.close()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COUNCIL_DATA": str(tmp_path)}
    said = {}
    for words in (("status",), ("status", "acme/shop#4"), ("status", "--json"), ("resume", "--all"), ("status", "")):
        done = await run_council(words, environment)
        said[words] = (done.out, done.code)
    paused = "All paid work on this server was paused by ada at 2027-01-15 08:00 UTC; council resume --all"
    assert said["status",][0].startswith(paused) and said["status",][1] == 2
    assert said["status", "acme/shop#4"][0].splitlines()[1].startswith(paused)
    assert json.loads(said["status", "--json"][0])["paused"].startswith(paused.replace("council resume --all", "`council resume --all`"))
    assert said["status", ""] == ("Paid work on this server is not paused.\n", 0)
