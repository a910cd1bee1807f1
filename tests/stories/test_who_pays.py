"""Cost limits: caps for the whole server, a person's daily limit everywhere, new authors, and one switch that stops all paid work."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from sqlalchemy import select

from app.authorization.daily_command_limit import Asker
from app.configuration.settings import InstanceCaps
from app.operations.instance_status import read_status
from app.sandbox.github.entities import PullRequest
from app.sandbox.providers.response_script import OPINION
from app.services.local import LocalCouncil
from app.store import instance
from app.store.engine.upsert import sql_table
from app.store.security.sessions import make_admin
from app.store.tables.core import JobRow, JobState
from app.store.tables.decisions import CommandUseRow
from tests.app.web.browser import Browser
from tests.app.web.test_api import Api, made
from tests.stories.harness import DIVISION, SEATS, InProcessSystem
from tests.stories.questions import POOL

NEW_HERE = "Not reviewed yet: author is new here"


@pytest.fixture
async def pages(system: InProcessSystem) -> AsyncIterator[Callable[[], Browser]]:
    opened: list[Browser] = []

    def browser() -> Browser:
        opened.append(Browser(system.url, system.sandbox))
        return opened[-1]

    yield browser
    for each in opened:
        await each.close()


def given(system: InProcessSystem, **changes: object) -> None:
    """Change a setting of the worker."""
    system.services.__dict__["settings"] = system.services.settings.model_copy(update=changes)


async def commented(system: InProcessSystem, pull: PullRequest, words: str, login: str = "ada") -> str:
    system.repository.comment(pull.number, login, words)
    await system.settle()
    return system.comments(pull)[-1] if system.comments(pull) else ""


async def paused(system: InProcessSystem, login: str = "ada") -> None:
    async with system.services.database.write() as connection:
        assert await instance.pause_instance(connection, login, system.services.clock())


async def resumed(system: InProcessSystem) -> None:
    async with system.services.database.write() as connection:
        assert await instance.resume_instance(connection, system.services.clock())
    await system.settle()


@pytest.mark.slow
async def test_the_servers_daily_cap_covers_all_repositories(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    other = system.sandbox.world.create_repository("acme/other", {"app/cart.py": "x = 1\n"})
    pull = system.open()
    await system.settle()
    first = system.bought()
    assert first > 0 and pull.reviews
    async with system.services.database.read() as connection:
        status = await read_status(connection, system.services.settings, system.services.clock())
    assert 0 < status.spent.day == status.spent.month and status.caps == InstanceCaps(day=50.0, month=500.0)
    given(system, instance_caps=InstanceCaps(day=status.spent.day + 0.001, month=None, unset=()))
    other.open_pull_request("Change", system.files)
    await system.settle()
    assert system.bought() == first
    (check,) = [run for run in other.check_runs.values() if run.name == "Council"]
    (said,) = [comment.body for comment in other.pulls[1].issue.comments]
    assert check.conclusion == "neutral"
    for text in (check.summary or "", said):
        assert "of the server's day's $0." in text.replace("&#36;", "$") and "can raise `INSTANCE_DAY_USD`" in text


async def test_one_limit_for_comments_pages_api_re_runs_and_mcp(system: InProcessSystem, pages: Callable[[], Browser]) -> None:
    system.script([DIVISION], [DIVISION], [], solutions=[POOL])
    system.repository.add_collaborator("will", "write")
    pull = system.open()
    await system.settle()
    will = pages()
    secret = await made(will, "will", "acme/shop")
    api = Api(system, secret)
    assert (await api("POST", "/reviews", json={"number": pull.number})).status_code == 202
    await will.get("/ask")
    assert (await will.post("/ask", {"repository": "acme/shop", "question": "Why?", "specialist": "ask", "follows": ""})).status_code == 303
    await system.settle()
    assert not (await commented(system, pull, "/council review", "will")).startswith("You have reached the limit")
    (check,) = system.checks()
    system.repository.rerequest(check.id, "will")
    await system.settle()
    async with system.services.database.write() as connection:
        uses = (await connection.execute(select(sql_table(CommandUseRow)))).all()
        assert sorted((use.login, use.command, use.refused) for use in uses) == [
            ("will", "ask", False),
            *[("will", "review", False)] * 3,
        ]
    given(system, paid_commands_a_day=4)
    bought = system.bought()
    said = await commented(system, pull, "/council ask why?", "will")
    assert said.startswith("You have reached the limit of 4 paid commands per person and day in all repositories.")
    assert "an admin of this server can raise it (`PAID_COMMANDS_A_DAY`)" in said
    system.repository.rerequest(check.id, "will")
    await system.settle()
    refused = system.checks()[-1]
    assert "per person and day" in (refused.summary or "") and system.bought() == bought
    # The head was reviewed: a refused re-run leaves its conclusion.
    assert (refused.conclusion, refused.title) == (check.conclusion, check.title) and check.conclusion != "skipped"
    local = LocalCouncil(system.services.settings, system.services.database)
    with pytest.raises(Exception, match="per person and day"):
        await local.take_turn(Asker("will"), "review")
    await local.take_turn(Asker("rita"), "review")


@pytest.mark.slow
async def test_thirty_of_sixty_requests_of_one_token_are_accepted(system: InProcessSystem, pages: Callable[[], Browser]) -> None:
    system.repository.add_collaborator("will", "write")
    pull = system.open(draft=True)
    await system.settle()
    api = Api(system, await made(pages(), "will", "acme/shop"))
    asked = [api("POST", "/reviews", json={"number": pull.number}) for _ in range(30)]
    asked += [api("POST", "/consultations", json={"question": "Why?"}) for _ in range(30)]
    answers = await asyncio.gather(*asked)
    codes = [answer.status_code for answer in answers]
    assert (codes.count(202), codes.count(429)) == (30, 30)
    assert "PAID_COMMANDS_A_DAY" in next(answer for answer in answers if answer.status_code == 429).json()["message"]


async def test_a_new_login_does_not_reset_the_limit(system: InProcessSystem) -> None:
    system.repository.add_collaborator("will", "write")
    pull = system.open(draft=True)
    given(system, paid_commands_a_day=1)
    await commented(system, pull, "/council ask why?", "will")
    system.sandbox.world.rename_user("will", "william")
    assert "per person and day" in await commented(system, pull, "/council ask why again?", "william")
    system.repository.add_collaborator("will", "write")
    assert "per person and day" not in await commented(system, pull, "/council ask and why here?", "will")


@pytest.mark.parametrize("tie", ["NONE", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR"])
async def test_a_strangers_fork_waits_for_a_person_with_write_access(system: InProcessSystem, tie: str) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    system.repository.add_contributor("eve", tie)
    pull = system.open(author="eve", fork=True)
    await system.settle()
    (check,) = system.checks()
    assert (check.title, check.conclusion) == (NEW_HERE, "neutral")
    assert "Someone with write access can start it with `/council review`." in (check.summary or "")
    assert system.bought() == 0
    assert "Only people with write access" in await commented(system, pull, "/council review", "eve")
    await commented(system, pull, "/council review", "ada")
    assert system.bought() > 0 and pull.reviews


@pytest.mark.parametrize(
    ("author", "tie", "role", "config", "ends"),
    [
        ("eve", "CONTRIBUTOR", "", "", ""),
        ("eve", "NONE", "write", "", ""),
        ("eve", "NONE", "", "review: {first_time_authors: review}\n", ""),
        ("eve", "NONE", "", "review: {first_time_authors: skip}\n", "skipped"),
        ("eve", "NONE", "", "gate: {enabled: true, incomplete: action_required}\n", "action_required"),
    ],
)
async def test_which_authors_need_approval(system: InProcessSystem, author: str, tie: str, role: str, config: str, ends: str) -> None:
    system.script([DIVISION], [DIVISION], [])
    if config:
        system.repository.push_branch("main", {".github/council.yml": config}, "octo-dev", "Configure")
    system.repository.add_contributor(author, tie)
    if role:
        system.repository.add_collaborator(author, role)
    system.open(author=author, fork=True)
    await system.settle()
    (check,) = system.checks()
    assert (system.bought() == 0) is bool(ends)
    if ends:
        assert check.conclusion == ends


async def test_a_server_pause_stops_between_two_calls_and_resumes(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    await paused(system)
    pull = system.open()
    await system.settle()
    (check,) = system.checks()
    assert (check.title, check.status, check.conclusion) == ("Paused", "completed", "neutral")
    assert "`council resume --all`" in (check.summary or "") and system.bought() == 0
    assert "Council is paused on this server" in await commented(system, pull, "/council ask why?")
    assert "Council is paused on this server" in await commented(system, pull, "/council review")
    assert "### Council: commands" in await commented(system, pull, "/council help")
    async with system.services.database.read() as connection:
        jobs = (await connection.execute(select(sql_table(JobRow)).where(sql_table(JobRow).c.kind == "review"))).all()
    assert [job.state for job in jobs if job.payload.find('"auto"') > 0] == [JobState.QUEUED]
    assert system.bought() == 0
    await resumed(system)
    (check,) = system.checks()
    assert check.title != "Paused" and check.status == "completed" and pull.reviews and system.bought() > 0


async def test_a_pause_in_the_middle_keeps_the_answers(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    providers = system.sandbox.providers

    async def pause_at_first_call() -> None:
        while not providers.calls:
            await asyncio.sleep(0.01)
        await paused(system)

    for seat in SEATS:
        providers.model(seat.split("/", 1)[1]).delay_ms = 200
    pull = system.open()
    _, _ = await asyncio.gather(system.settle(), pause_at_first_call())
    opinions = system.bought()
    (check,) = system.checks()
    assert check.title == "Paused" and not pull.reviews and 0 < opinions <= 3
    await resumed(system)
    (check,) = system.checks()
    assert check.title != "Paused" and pull.reviews
    assert sorted(call.model for call in providers.calls if call.question == OPINION) == sorted(seat.split("/", 1)[1] for seat in SEATS)


async def test_the_pages_show_the_pause_button_and_the_costs(system: InProcessSystem, pages: Callable[[], Browser]) -> None:
    system.repository.add_collaborator("ada", "admin")
    async with system.services.database.write() as connection:
        await make_admin(connection, system.sandbox.world.user("ada").id, "ada", 0.0)
    ada = pages()
    await ada.sign_in("ada")
    page = (await ada.get("/admin")).text
    assert "$0.00 of $50.00 today, $0.00 of $500.00 in" in page and "Pause all paid work" in page
    assert (await ada.post("/admin/pause")).headers["location"] == "/admin?done=paused"
    page = (await ada.get("/admin")).text
    assert "Paused by ada since" in page and "Resume all paid work" in page
    assert "Paid work is paused on this server" in (await ada.get("/usage")).text
    answer = await ada.post("/ask", {"repository": "acme/shop", "question": "Why?", "specialist": "ask", "follows": ""})
    assert answer.status_code == 503 and "Council is paused on this server" in answer.text
    assert (await ada.post("/admin/resume")).headers["location"] == "/admin?done=resumed"
    log = (await ada.get("/admin/audit")).text
    assert "paid work paused" in log and "paid work resumed" in log
    async with httpx.AsyncClient(trust_env=False) as stranger:
        assert (await stranger.post(f"{system.url}/admin/pause")).status_code in {303, 403, 404}
    async with system.services.database.read() as connection:
        assert not (await instance.read_instance(connection)).paused


async def test_the_status_reports_the_server_pause(system: InProcessSystem) -> None:
    pull = system.open()
    await paused(system, "grace")
    assert "All paid work on this server was paused by grace at 20" in await commented(system, pull, "/council status")
    await resumed(system)
    assert "paused" not in await commented(system, pull, "/council status")
