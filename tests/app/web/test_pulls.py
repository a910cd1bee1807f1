"""The page of a pull request: its runs, its findings, why it was not reviewed, and who can see it."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from tests.app.web.browser import Browser
from tests.stories.harness import BASE, DIVISION, GHOST, INJECTION, InProcessSystem

Open = Callable[[], Browser]
_HOSTILE = DIVISION | {"title": "<script>alert(1)</script>"}


async def _review(system: InProcessSystem) -> list[str]:
    """The ids of the runs of a pull request that was reviewed twice, oldest first."""
    system.script([DIVISION, INJECTION], [_HOSTILE, GHOST], [INJECTION])
    pull = system.open()
    await system.settle()
    system.repository.comment(pull.number, "will", "/council review")
    await system.settle()
    async with system.services.database.read() as connection:
        return list((await connection.execute(text("SELECT id FROM run ORDER BY created_at, id"))).scalars())


async def test_a_pull_request_shows_its_runs_and_findings(system: InProcessSystem, browser: Open) -> None:
    runs = await _review(system)
    will = browser()
    await will.sign_in("will")
    page = (await will.get("/repos/acme/shop/pulls/1")).text
    for run in runs:
        assert page.count(f'href="/runs/{run}"') >= 1, run
    for shown in (
        "Findings over time",
        "Reviewed <code>",
        f"/runs/{runs[-1]}#f",
        "/pull/1",
        "app/cart.py:",
        "started by push",
        "started by command",
    ):
        assert shown in page, shown
    assert "Why was this not reviewed?" not in page and "<script>alert" not in page
    for linking in (f"/runs/{runs[0]}", "/runs"):
        assert 'href="/repos/acme/shop/pulls/1"' in (await will.get(linking)).text, linking
    assert 'href="/runs?repository=acme/shop"' in (await will.get("/")).text


async def test_links_of_a_renamed_repository_use_its_new_name(system: InProcessSystem, browser: Open) -> None:
    run = (await _review(system))[0]
    system.sandbox.world.rename("acme/shop", "acme/store")
    await system.settle()
    will = browser()
    await will.sign_in("will")
    assert 'href="/repos/acme/store/pulls/1"' in (await will.get(f"/runs/{run}")).text
    assert f"/runs/{run}" in (await will.get("/repos/acme/store/pulls/1")).text


@pytest.mark.parametrize(
    ("config", "opened", "words"),
    [
        ("", {"draft": True}, "it is a draft"),
        ("review: {skip: {titles: [average*]}}\n", {}, "its title matches &#39;average*&#39;"),
    ],
)
async def test_it_says_why_there_was_no_review(
    system: InProcessSystem, browser: Open, config: str, opened: dict[str, object], words: str
) -> None:
    if config:
        system.repository.push_branch("main", {".github/council.yml": config}, "ada", "Configure")
    system.open(**opened)
    await system.settle()
    will = browser()
    await will.sign_in("will")
    page = (await will.get("/repos/acme/shop/pulls/1")).text
    assert "Why was this not reviewed?" in page and words in page and "<code>/council review</code> reviews it now" in page


async def test_an_unknown_pull_request_and_any_number_have_a_page(system: InProcessSystem, browser: Open) -> None:
    will = browser()
    await will.sign_in("will")
    unheard = await will.get("/repos/acme/shop/pulls/77")
    assert unheard.status_code == 200 and "received no event about it" in unheard.text and "No runs yet" in unheard.text
    for number in ("0", "-1", "x", "1.5", "2147483648", "9" * 40, "%00"):
        assert (await will.get(f"/repos/acme/shop/pulls/{number}")).status_code == 404, number


async def test_v8_2_2_a_pull_request_of_others_looks_like_none(system: InProcessSystem, browser: Open) -> None:
    await _review(system)
    for login, status in (("gus", 404), ("sam", 404), ("rita", 403)):
        other = browser()
        await other.sign_in(login)
        answer, none = await other.get("/repos/acme/shop/pulls/1"), await other.get("/repos/acme/shop/pulls/77")
        assert answer.status_code == none.status_code == status, login
        assert answer.text.replace("pulls/1", "pulls/77") == none.text, login


async def _of_pull(system: InProcessSystem, query: str) -> list[str]:
    async with system.services.database.read() as connection:
        return [str(each) for each in (await connection.execute(text(query))).scalars()]


async def _run_and_finding(system: InProcessSystem) -> tuple[str, str]:
    (run,) = await _of_pull(system, "SELECT id FROM run")
    (short,) = await _of_pull(system, "SELECT short_id FROM finding WHERE severity = 'high'")
    return run, short


async def test_dismissing_on_the_page_updates_the_summary(system: InProcessSystem, browser: Open) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    will, page = browser(), "/repos/acme/shop/pulls/1"
    await will.sign_in("will")
    (run,), (short,) = (
        await _of_pull(system, "SELECT id FROM run"),
        await _of_pull(system, "SELECT short_id FROM finding WHERE severity = 'high'"),
    )
    form = {"command": "dismiss", "run": run, "finding": short, "reason": "never empty"}
    sent = await will.post(f"{page}/commands", form)
    assert sent.status_code == 303 and "Dismissed: it will not be posted again" in (await will.get(sent.headers["location"])).text
    shown = (await will.get(page)).text
    assert "by will" in shown and 'value="restore"' in shown and 'value="dismiss"' not in shown
    await system.settle()
    assert any("ismissed" in comment for comment in system.comments(pull))
    assert await _of_pull(system, "SELECT source FROM outcome") == ["dismissed"]
    back = await will.post(f"{page}/commands", form | {"command": "restore", "back": "run"})
    assert back.headers["location"] == f"/runs/{run}?done=restore#f{short}"
    await system.settle()
    assert not any("ismissed" in comment for comment in system.comments(pull))
    assert await _of_pull(system, "SELECT source FROM outcome") == []


async def test_commands_of_the_pull_request_page(system: InProcessSystem, browser: Open) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    will, page = browser(), "/repos/acme/shop/pulls/1"
    await will.sign_in("will")
    (run,), (short,) = (
        await _of_pull(system, "SELECT id FROM run"),
        await _of_pull(system, "SELECT short_id FROM finding WHERE severity = 'high'"),
    )
    assert (await will.post(f"{page}/commands", {"command": "pause"})).status_code == 303
    assert "Paused by will" in (await will.get(page)).text and 'value="resume"' in (await will.get(page)).text
    await will.post(f"{page}/commands", {"command": "resume"})
    assert "Paused by will" not in (await will.get(page)).text
    await will.post(f"{page}/commands", {"command": "not-helpful", "run": run, "finding": short})
    assert await _of_pull(system, 'SELECT "right" FROM outcome') == ["0"] and await _of_pull(system, "SELECT source FROM outcome") == [
        "said"
    ]
    await will.post(f"{page}/commands", {"command": "review"})
    await system.settle()
    assert len(await _of_pull(system, "SELECT id FROM run")) == 2
    for wrong in ({"command": "drop"}, {"command": ""}):
        assert (await will.post(f"{page}/commands", wrong)).status_code == 404
    for wrong in ({"run": "no"}, {"run": "\x00"}, {"finding": "no"}):
        assert (await will.post(f"{page}/commands", {"command": "dismiss", "run": run, "finding": short} | wrong)).status_code == 422
    assert (await will.post("/repos/acme/shop/pulls/2/commands", {"command": "dismiss", "run": run, "finding": short})).status_code == 422


@pytest.mark.parametrize(("login", "config", "status"), [("rita", "", 403), ("gus", "", 404), ("will", "commands: {cost: admin}\n", 403)])
async def test_a_command_needs_its_right(system: InProcessSystem, browser: Open, login: str, config: str, status: int) -> None:
    if config:
        system.repository.push_branch("main", {".github/council.yml": config})
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    (run,), (short,) = (
        await _of_pull(system, "SELECT id FROM run"),
        await _of_pull(system, "SELECT short_id FROM finding WHERE severity = 'high'"),
    )
    person = browser()
    await person.sign_in(login)
    for command in ("review", "pause", "resume", "dismiss", "restore", "helpful", "not-helpful"):
        form = {"command": command, "run": run, "finding": short}
        assert (await person.post("/repos/acme/shop/pulls/1/commands", form)).status_code == status, command
    # A page that a person cannot see looks like one that does not exist.
    assert (await person.post(f"/runs/{run}/again")).status_code == (403 if login == "will" else 404)
    for table in ("disposition", "outcome", "pause", "command_use"):
        assert await _of_pull(system, f"SELECT count(*) FROM {table}") == ["0"], table


async def test_shared_settings_apply_to_commands(system: InProcessSystem, browser: Open) -> None:
    system.open()
    await system.settle()
    system.sandbox.world.create_repository("acme/.github", {".github/council.yml": "commands: {cost: admin}\n"})
    system.repository.push_branch("main", {".github/council.yml": "extends: acme/.github\n"})
    will = browser()
    await will.sign_in("will")
    answer = await will.post("/repos/acme/shop/pulls/1/commands", {"command": "pause"})
    assert answer.status_code == 403 and "admin access" in answer.text
    assert await _of_pull(system, "SELECT count(*) FROM pause") == ["0"]


@pytest.mark.slow
async def test_an_unreadable_settings_file_blocks_commands(system: InProcessSystem, browser: Open) -> None:
    system.open()
    await system.settle()
    system.repository.push_branch("main", {".github/council.yml": "commands: {cost: admin\nreview: [\n"})
    will = browser()
    await will.sign_in("will")
    (run,) = await _of_pull(system, "SELECT id FROM run")
    for place, form in (("/repos/acme/shop/pulls/1/commands", {"command": "pause"}), (f"/runs/{run}/again", {})):
        answer = await will.post(place, form)
        assert answer.status_code == 409 and "could not be read" in answer.text
    assert await _of_pull(system, "SELECT count(*) FROM pause") == ["0"]


@pytest.mark.slow
async def test_commands_per_person_and_day_are_limited(system: InProcessSystem, browser: Open) -> None:
    system.open()
    await system.settle()
    will = browser()
    await will.sign_in("will")
    most = system.settings.commands_a_day
    statuses = [(await will.post("/repos/acme/shop/pulls/1/commands", {"command": "pause"})).status_code for _ in range(most + 1)]
    assert statuses == [303] * most + [429]


async def test_a_finding_that_is_gone_is_fixed(system: InProcessSystem, browser: Open) -> None:
    system.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    pull = system.open()
    await system.settle()
    system.script([], [], [])
    system.repository.push(pull.number, {"app/cart.py": BASE["app/cart.py"] + "\n\ndef count(items):\n    return len(items)\n"})
    await system.settle()
    will = browser()
    await will.sign_in("will")
    page = (await will.get("/repos/acme/shop/pulls/1")).text
    assert page.count('<span class="tag good">fixed</span>') == 2 and 'value="dismiss"' not in page
