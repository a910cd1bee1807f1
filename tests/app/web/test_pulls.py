"""The page of a pull request: its runs, what was found, why it was not reviewed, and who may see that."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from tests.app.web.browser import Browser
from tests.stories.house import DIVISION, GHOST, INJECTION, House

Open = Callable[[], Browser]
_HOSTILE = DIVISION | {"title": "<script>alert(1)</script>"}


async def _review(house: House) -> list[str]:
    """A pull request of ours, reviewed twice; the ids of its runs, oldest first."""
    house.script([DIVISION, INJECTION], [_HOSTILE, GHOST], [INJECTION])
    pull = house.open()
    await house.settle()
    house.repository.comment(pull.number, "will", "/council review")
    await house.settle()
    async with house.workshop.database.read() as connection:
        return list((await connection.execute(text("SELECT id FROM run ORDER BY created_at, id"))).scalars())


async def test_a_pull_request_shows_its_runs_and_findings_and_is_linked(house: House, browser: Open) -> None:
    runs = await _review(house)
    will = browser()
    await will.sign_in("will")
    page = (await will.get("/repos/acme/shop/pulls/1")).text
    for run in runs:
        assert page.count(f'href="/runs/{run}"') >= 1, run
    for shown in (
        "What was found",
        "Reviewed <code>",
        f"/runs/{runs[-1]}#f",
        "/pull/1",
        "app/cart.py:",
        "started by auto",
        "started by command",
    ):
        assert shown in page, shown
    assert "Why was this not reviewed?" not in page and "<script>alert" not in page
    for linking in (f"/runs/{runs[0]}", "/runs"):
        assert 'href="/repos/acme/shop/pulls/1"' in (await will.get(linking)).text, linking
    assert 'href="/runs?repository=acme/shop"' in (await will.get("/")).text


async def test_a_renamed_repositorys_run_leads_to_the_page_under_its_new_name(house: House, browser: Open) -> None:
    run = (await _review(house))[0]
    house.sandbox.world.rename("acme/shop", "acme/store")
    await house.settle()
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
async def test_it_says_why_there_was_no_review(house: House, browser: Open, config: str, opened: dict[str, object], words: str) -> None:
    if config:
        house.repository.push_branch("main", {".github/council.yml": config}, "ada", "Configure")
    house.open(**opened)
    await house.settle()
    will = browser()
    await will.sign_in("will")
    page = (await will.get("/repos/acme/shop/pulls/1")).text
    assert "Why was this not reviewed?" in page and words in page and "<code>/council review</code> reviews it now" in page


async def test_a_pull_request_that_nobody_heard_of_says_so_and_no_number_breaks_the_page(house: House, browser: Open) -> None:
    will = browser()
    await will.sign_in("will")
    unheard = await will.get("/repos/acme/shop/pulls/77")
    assert unheard.status_code == 200 and "heard of no change to it" in unheard.text and "No run yet" in unheard.text
    for number in ("0", "-1", "x", "1.5", "2147483648", "9" * 40, "%00"):
        assert (await will.get(f"/repos/acme/shop/pulls/{number}")).status_code == 404, number


async def test_v8_2_2_a_pull_request_of_others_looks_like_none(house: House, browser: Open) -> None:
    await _review(house)
    for login, status in (("gus", 404), ("sam", 404), ("rita", 403)):
        other = browser()
        await other.sign_in(login)
        answer, none = await other.get("/repos/acme/shop/pulls/1"), await other.get("/repos/acme/shop/pulls/77")
        assert answer.status_code == none.status_code == status, login
        assert answer.text.replace("pulls/1", "pulls/77") == none.text, login
