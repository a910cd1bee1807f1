"""The Runs pages: the list, one run, its exports and a new review; only people with access see them."""

import json
from collections.abc import Callable

import pytest

from app.store.reviews.run_page import list_calls
from tests.app.web.browser import Browser
from tests.stories.harness import DIVISION, GHOST, INJECTION, InProcessSystem

Open = Callable[[], Browser]
_HOSTILE = DIVISION | {"title": "<script>alert(1)</script>", "body": "<img src=x onerror=alert(2)>"}


@pytest.fixture
async def run_id(system: InProcessSystem) -> str:
    """The id of the run of a reviewed pull request."""
    system.script([DIVISION, INJECTION], [_HOSTILE, GHOST], [INJECTION])
    system.open()
    await system.settle()
    async with system.services.database.read() as connection:
        from sqlalchemy import text

        return str((await connection.execute(text("SELECT id FROM run"))).scalar())


async def test_a_run_is_shown_with_votes_code_calls_and_links(browser: Open, run_id: str) -> None:
    will = browser()
    await will.sign_in("will")
    listed = (await will.get("/runs")).text
    assert f"/runs/{run_id}" in listed and "do not merge yet" in listed
    page = (await will.get(f"/runs/{run_id}")).text
    for shown in (
        "● found",
        "✓ confirms",
        'class="add here"',
        "<svg",
        "How the models were chosen",
        "Published",
        "/pull/1",
        "independent models",
    ):
        assert shown in page, shown
    assert "<script>alert" not in page and "<img" not in page
    assert page.count("<script") == page.count('<script src="/static/') == 2


async def test_the_matrix_is_first_and_findings_have_filters(browser: Open, run_id: str) -> None:
    will = browser()
    await will.sign_in("will")
    page = (await will.get(f"/runs/{run_id}")).text
    places = [page.index(part) for part in (">Review again<", 'class="matrix"', 'data-filters="main"', 'class="finding"', 'id="seats"')]
    assert places == sorted(places)
    articles = page.split('<article class="finding"')[1:]
    kinds = [article.partition('data-kind="')[2].partition('"')[0] for article in articles]
    assert kinds and all(f'value="{kind}"' in page for kind in kinds)
    ids = [article.partition('id="f')[2].partition('"')[0] for article in articles if 'id="f' in article.partition(">")[0]]
    assert len(set(ids)) == len(ids) and all(f'href="#f{each}"' in page for each in ids)
    assert "raised" not in page.replace('class="raised"', "").replace('tag raised"', "") and "also noted" not in page


async def test_a_dismissed_finding_says_so_where_it_is_read(browser: Open, run_id: str) -> None:
    will = browser()
    await will.sign_in("will")
    page = (await will.get(f"/runs/{run_id}")).text
    short = page.partition('name="finding" value="')[2].partition('"')[0]
    form = {"command": "dismiss", "run": run_id, "finding": short, "reason": "<b>known</b>", "back": "run"}
    answer = await will.get((await will.post("/repos/acme/shop/pulls/1/commands", form)).headers["location"])
    assert "Dismissed by will" in answer.text and "&lt;b&gt;known" in answer.text and 'value="restore"' in answer.text


async def test_the_shown_page_is_linked_and_masked(browser: Open, system: InProcessSystem, run_id: str) -> None:
    will, rita, gus = browser(), browser(), browser()
    for person, login in ((will, "will"), (rita, "rita"), (gus, "gus")):
        await person.sign_in(login)
    assert f'href="/runs/{run_id}/shown"' in (await will.get(f"/runs/{run_id}")).text
    page = (await will.get(f"/runs/{run_id}/shown")).text
    assert "app/cart.py" in page and "return total(items) / len(items)" in page and "gpt-5.5" in page
    assert [(await each.get(f"/runs/{run_id}/shown")).status_code for each in (rita, gus)] == [404, 404]
    key = "AKIA" + "Q3EGRJ7XLFJ2NPWT"
    async with system.services.database.write() as connection:
        from sqlalchemy import text

        await connection.execute(text("UPDATE run SET snapshot = replace(snapshot, 'Average and search', :key)"), {"key": key})
    page = (await will.get(f"/runs/{run_id}/shown")).text
    assert key not in page.partition('class="page-head"')[2].partition("</div>")[2] and "[masked" in page
    async with system.services.database.write() as connection:
        await connection.execute(text("UPDATE run SET snapshot = NULL"))
    assert (await will.get(f"/runs/{run_id}/shown")).status_code == 422


async def test_a_run_is_found_by_its_words_and_filters(browser: Open, run_id: str) -> None:
    will = browser()
    await will.sign_in("will")
    for query, found in (
        ("q=empty+cart+zero", True),
        ("q=nonsense", False),
        ("state=dead", False),
        ("cause=auto", True),
        ("from=2100-01-01", False),
    ):
        assert (f"/runs/{run_id}" in (await will.get(f"/runs?{query}")).text) is found, query
    for bad in ("before=x:y", "before=nan:1", "from=yesterday", "repository=globex/lab", "q=%00%27%22", "before=1e999:a", "state=%00"):
        assert (await will.get(f"/runs?{bad}")).status_code == 200, bad


async def test_v8_2_2_a_run_of_others_looks_like_none(browser: Open, run_id: str) -> None:
    for login in ("rita", "gus", "sam"):
        other = browser()
        await other.sign_in(login)
        for path in ("", "/events", "/export.json", "/export.sarif"):
            answer, none = await other.get(f"/runs/{run_id}{path}"), await other.get(f"/runs/none{path}")
            assert answer.status_code == none.status_code == 404
            assert answer.text.replace(run_id, "none") == none.text
        assert run_id not in (await other.get("/runs")).text
        assert (await other.post(f"/runs/{run_id}/again")).status_code == 404


async def test_exports_are_json_and_sarif(browser: Open, run_id: str) -> None:
    will = browser()
    await will.sign_in("will")
    verdict = await will.get(f"/runs/{run_id}/export.json")
    assert verdict.json()["ranked"] and "attachment" in verdict.headers["content-disposition"]
    sarif = json.loads((await will.get(f"/runs/{run_id}/export.sarif")).text)
    assert sarif["version"] == "2.1.0" and sarif["runs"][0]["results"]


@pytest.mark.slow
async def test_a_new_review_needs_the_page_token(browser: Open, run_id: str, system: InProcessSystem) -> None:
    will = browser()
    await will.sign_in("will")
    await will.get(f"/runs/{run_id}")
    assert (await will.client.post(f"{system.url}/runs/{run_id}/again", data={"csrf": will.csrf})).status_code == 403
    assert (await will.post(f"/runs/{run_id}/again", {"csrf": "guessed"})).status_code == 403
    answer = await will.post(f"/runs/{run_id}/again")
    assert answer.status_code == 303
    await system.settle()
    assert (await will.get("/runs")).text.count('class="run-line"') == 2


async def test_the_stream_of_an_ended_run_ends(browser: Open, run_id: str, system: InProcessSystem) -> None:
    will = browser()
    await will.sign_in("will")
    stream = await will.get(f"/runs/{run_id}/events")
    assert stream.headers["content-type"].startswith("text/event-stream") and "event: over" in stream.text
    async with system.services.database.read() as connection:
        assert await list_calls(connection, run_id)
