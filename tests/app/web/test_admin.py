"""The server's own pages: for instance admins alone, with every privileged step in a log that shows tampering."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import text

from app.store import audit
from app.store.sessions import make_admin
from tests.app.web.browser import Browser
from tests.stories.house import House

Open = Callable[[], Browser]


@pytest.fixture
async def root(browser: Open, house: House) -> AsyncIterator[Browser]:
    async with house.workshop.database.write() as connection:
        await make_admin(connection, house.sandbox.world.user("ada").id, "ada", 0.0)
    made = browser()
    await made.sign_in("ada")
    yield made


async def test_a_dead_job_is_tried_again(root: Browser, house: House) -> None:
    async with house.workshop.database.write() as connection:
        await connection.execute(text("UPDATE job SET state = 'dead', error = 'a fault <b>'"))
        job = (await connection.execute(text("SELECT id FROM job LIMIT 1"))).scalar_one()
    page = (await root.get("/admin")).text
    assert "a fault &lt;b&gt;" in page and "Try again" in page
    assert (await root.post(f"/admin/jobs/{job}/retry")).headers["location"] == "/admin?done=queued"
    assert (await root.post(f"/admin/jobs/{job}/drop")).headers["location"] == "/admin?done=dropped"
    assert (await root.post(f"/admin/jobs/{job}/drop")).status_code == 409


async def test_v8_3_1_nobody_else_learns_that_these_pages_exist(root: Browser, browser: Open) -> None:
    gus = browser()
    await gus.sign_in("gus")
    for path in ("/admin", "/admin/audit", "/admin/audit.jsonl", "/admin/nothing"):
        assert (await gus.get(path)).status_code == 404
    assert (await gus.post("/admin/jobs/x/retry")).status_code == 404


async def test_v16_2_1_what_was_done_with_privilege_is_in_the_log(root: Browser, house: House) -> None:
    await root.get("/repos/acme/shop/settings")
    await root.post("/repos/acme/shop/settings", {"version": "0", "review-language": "de"})
    log = (await root.get("/admin/audit")).text
    assert "settings changed" in log and "review.language" in log and "not as written" not in log
    assert '"action": "settings changed"' in (await root.get("/admin/audit.jsonl")).text
    async with house.workshop.database.write() as connection:
        await connection.execute(text("UPDATE audit SET login = 'somebody' WHERE action = 'settings changed'"))
    assert "not as written" in (await root.get("/admin/audit")).text


async def test_v16_4_2_a_row_that_was_taken_away_shows(root: Browser, house: House) -> None:
    async with house.workshop.database.write() as connection:
        for number in range(3):
            await audit.record(connection, audit.Event(float(number), "ada", "", "tried", str(number)))
        await connection.execute(text("DELETE FROM audit WHERE subject = '1'"))
    async with house.workshop.database.read() as connection:
        assert [each.intact for each in await audit.entries(connection, 10)][:2] == [False, True]
