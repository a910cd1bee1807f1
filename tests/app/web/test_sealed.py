"""Encrypted transcripts: everything works, the database contains no plain text, and a wrong key is one sentence."""

import base64
import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from app.errors import UserError
from app.failpoints import no_failpoint
from app.services.worker import open_worker_services
from app.store.reviews import runs
from app.store.reviews.transcripts import LOST, MARK
from app.store.security.key_check import adopt_key
from app.store.security.vault import open_vault
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from tests.app.web.browser import Browser
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem
from tests.stories.questions import LARGER, POOL, ask, issue, said, script
from tests.stories.test_crash import Passing, work
from tests.system import AT_ONCE, serving

Open = Callable[[], Browser]
CONFIG = {".github/council.yml": "privacy: {encrypt_transcripts: true}\n"}
# Texts from the diff, a finding, a critique, the advice and an expert's view.
WORDS = (
    "return total(items)",
    "ZeroDivisionError",
    "ends the string",
    "divides by zero",
    "pasted into",
    "Every probe takes",
    "about the pool",
)


def _configure(system: InProcessSystem) -> None:
    system.repository.push_branch("main", CONFIG, "octo-dev", "Configure")


def _stored(system: InProcessSystem) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(Path(system.settings.data).glob("council.db*")))


def _found(system: InProcessSystem) -> list[str]:
    stored = _stored(system)
    # An index stores single stemmed words, and JSON has its own encoding.
    return [word for word in (*WORDS, "zerodivisionerror", "_divid", "len(items)") if word.encode() in stored]


@asynccontextmanager
async def _with_another_key(system: InProcessSystem):
    """A server and a worker on the same database without the key."""
    settings = system.settings.model_copy(update={"master_key": base64.b64encode(b"k" * 32).decode()})
    await adopt_key(system.services.database, open_vault(settings.master_key, settings.data), 0.0)
    async with serving(settings, AT_ONCE) as url, open_worker_services(settings) as services:
        system.sandbox.world.app.webhook_url = f"{url}/webhooks/github"
        yield url, replace(system, services=services, worker=Worker(services, JOB_HANDLERS), url=url)


async def test_the_database_contains_no_plain_transcript(browser: Open, system: InProcessSystem) -> None:
    _configure(system)
    system.script([DIVISION, INJECTION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 critical, 1 high")
    assert [review.state for review in pull.reviews] == ["COMMENTED"]
    short = pull.reviews[0].comments[0].body.split("<!-- council:finding ")[1][:4]
    system.repository.comment(pull.number, "ada", f"/council dismiss {short} known and harmless here")
    script(system, [POOL, LARGER], [POOL], [POOL])
    (answer,) = await ask(system, issue(system).number, "/council ask Why does nobody get a connection?")
    assert POOL["title"] in answer
    assert "Dismissed:" in system.comments(pull)[-1]
    assert _found(system) == [] and MARK.encode() in _stored(system)

    ada = browser()
    await ada.sign_in("ada")
    run_id = (await ada.get("/runs")).text.split('href="/runs/')[1].split('"')[0]
    page = (await ada.get(f"/runs/{run_id}")).text
    assert "ZeroDivisionError" in page and "return total(items) / len(items)" in page and LOST not in page
    assert "ZeroDivisionError" in (await ada.get(f"/runs/{run_id}/export.json")).text
    assert "divides by zero" in (await ada.get(f"/runs/{run_id}/export.sarif")).text
    lines = [json.loads(line) for line in (await ada.get("/repos/acme/shop/privacy/export.jsonl")).text.splitlines()]
    run, question = lines[0]["run"], lines[-1]["consultation"]
    assert "len(items)" in run["snapshot"] and "ZeroDivisionError" in run["verdict"]
    assert any("Zero" in each["body"] for each in run["answers"])
    assert "Every probe" in question["advice"] and question["opinions"][0]["view"] == "It is about the pool."
    assert {each["title"] for each in question["critiques"]} <= {POOL["title"], LARGER["title"]}
    privacy = (await ada.get("/repos/acme/shop/privacy")).text
    assert "<b>1</b> encrypted" in privacy
    async with system.services.database.read() as connection:
        assert "ZeroDivisionError" in await runs.stored_verdict(connection, run_id)
    # Search finds it by title but not by its content.
    assert run_id in (await ada.get("/runs?q=average")).text
    assert run_id not in (await ada.get("/runs?q=zero")).text


async def test_a_later_review_knows_earlier_findings(system: InProcessSystem) -> None:
    _configure(system)
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    bought = system.bought()
    system.repository.push(pull.number, {"README.md": "A shop.\n"})
    await system.settle()
    (summary,) = system.comments(pull)
    assert "2 still open" in summary and system.bought() > bought
    assert len(pull.reviews) == 1
    assert _found(system) == []


async def test_a_worker_that_starts_again_buys_no_answer_twice(system: InProcessSystem) -> None:
    _configure(system)
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.sandbox.settled()
    await work(system, Passing("run verdict"), "dies", 0)
    bought = system.bought()
    assert bought and not pull.reviews and _found(system) == []
    # Another process reads the key from its file.
    async with open_worker_services(system.settings) as services:
        await work(replace(system, services=services), no_failpoint, "resumes", 20)
    assert system.bought() == bought and len(system.comments(pull)) == len(pull.reviews) == 1


async def test_a_question_goes_on_where_it_was(system: InProcessSystem) -> None:
    _configure(system)
    script(system, [POOL], [POOL], [POOL])
    asked = issue(system)
    system.repository.comment(asked.number, "ana", "/council ask Why does nobody get a connection?")
    await system.sandbox.settled()
    await work(system, Passing("advice kept"), "dies", 0)
    bought = system.bought()
    assert bought and _found(system) == []
    async with open_worker_services(system.settings) as services:
        await work(replace(system, services=services), no_failpoint, "resumes", 20)
    (answer,) = said(system, asked.number)
    assert system.bought() == bought and POOL["title"] in answer and "Every probe takes" in answer


async def test_an_answer_that_was_stored_is_read_again(system: InProcessSystem) -> None:
    async def stored() -> int:
        async with system.services.database.read() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM seat_answer"))).scalar_one())

    _configure(system)
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.sandbox.settled()
    await work(system, Passing("answer stored"), "dies", 0)
    bought, kept = system.bought(), await stored()
    assert kept
    await work(system, no_failpoint, "resumes", 20)
    # A call in flight when a process dies can be repeated; a call with a stored answer cannot.
    assert len(system.comments(pull)) == 1
    assert system.bought() <= await stored() + bought - kept and len(pull.reviews) == 1


@pytest.mark.slow
async def test_another_key_is_one_sentence(system: InProcessSystem) -> None:
    _configure(system)
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    script(system, [POOL], [POOL], [POOL])
    await ask(system, issue(system).number, "/council ask Why does nobody get a connection?")
    async with _with_another_key(system) as (url, later):
        ada = Browser(url, system.sandbox)
        await ada.sign_in("ada")
        run_id = (await ada.get("/runs")).text.split('href="/runs/')[1].split('"')[0]
        page = await ada.get(f"/runs/{run_id}")
        assert page.status_code == 200 and page.text.count(LOST) == 1 and "no longer stored" not in page.text
        for kind in ("json", "sarif"):
            answer = await ada.get(f"/runs/{run_id}/export.{kind}")
            assert answer.status_code == 422 and LOST in answer.text
        lines = [json.loads(line) for line in (await ada.get("/repos/acme/shop/privacy/export.jsonl")).text.splitlines()]
        assert lines[0]["run"]["verdict"].startswith(MARK) and lines[-1]["consultation"]["advice"].startswith(MARK)
        page = await ada.get(f"/ask/{lines[-1]['consultation']['id']}")
        assert page.status_code == 200 and page.text.count(LOST) == 1 and POOL["title"] in page.text
        await ada.close()
        async with later.services.database.read() as connection:
            with pytest.raises(UserError, match=LOST):
                await runs.stored_verdict(connection, run_id)


@pytest.mark.slow
async def test_another_key_stops_no_review(system: InProcessSystem) -> None:
    _configure(system)
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    async with _with_another_key(system) as (_, later):
        system.repository.comment(pull.number, "ada", "/council dismiss abcd")
        await later.settle()
        assert LOST in system.comments(pull)[-1]
        system.repository.push(pull.number, {"README.md": "A shop.\n"})
        await later.settle()
        assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 high")
        async with later.services.database.read() as connection:
            newest = await runs.newest_run(connection, system.repository.id, pull.number)
        assert newest is not None and newest.verdict and newest.sealed and not newest.lost


@pytest.mark.slow
async def test_a_review_restarts_under_another_key(system: InProcessSystem) -> None:
    _configure(system)
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.sandbox.settled()
    await work(system, Passing("run verdict"), "dies", 0)
    async with _with_another_key(system) as (_, later):
        await work(later, no_failpoint, "resumes", 20)
    assert len(system.comments(pull)) == len(pull.reviews) == 1 and system.comments(pull)[0].startswith(
        "### Council: do not merge yet · 1 high"
    )


async def test_plain_and_encrypted_runs_work_together(browser: Open, system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    plain = system.open()
    await system.settle()
    _configure(system)
    system.repository.push(plain.number, {"README.md": "A shop.\n"})
    await system.settle()
    ada = browser()
    await ada.sign_in("ada")
    privacy = (await ada.get("/repos/acme/shop/privacy")).text
    assert "<b>2</b> runs, <b>2</b> of them with a transcript, <b>1</b> encrypted" in privacy
    lines = [json.loads(line)["run"] for line in (await ada.get("/repos/acme/shop/privacy/export.jsonl")).text.splitlines()]
    assert all("ZeroDivisionError" in each["verdict"] for each in lines)


async def test_the_server_may_want_it_for_all(system: InProcessSystem) -> None:
    settings = system.settings.model_copy(update={"encrypt_transcripts": True})
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.sandbox.settled()
    async with open_worker_services(settings) as services:
        await Worker(services, JOB_HANDLERS).run_all()
    assert len(pull.reviews) == 1 and _found(system) == []


async def test_the_settings_page_says_that_the_server_wants_it(system: InProcessSystem) -> None:
    async with serving(system.settings.model_copy(update={"encrypt_transcripts": True}), AT_ONCE) as url:
        system.sandbox.world.app.webhook_url = f"{url}/webhooks/github"
        ada = Browser(url, system.sandbox)
        await ada.sign_in("ada")
        for path in ("/repos/acme/shop/settings", f"/installations/{next(iter(system.sandbox.world.installations))}/settings"):
            page = (await ada.get(path)).text
            assert "Current: <b>yes</b> (this server)" in page.partition('id="about-privacy-encrypt_transcripts"')[2][:400]
        assert "are encrypted with this server" in (await ada.get("/repos/acme/shop/privacy")).text
        await ada.close()
