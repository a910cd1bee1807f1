"""The server's pages: only admins can open them, and every privileged action is in a tamper-evident log."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import text

from app.store.health import deliveries
from app.store.security import audit
from app.store.security.sessions import make_admin
from app.store.tables.core import LedgerRow
from app.web.views.server import suggest_action
from tests.app.store.rows import insert_row
from tests.app.web.browser import Browser
from tests.stories.harness import InProcessSystem

Open = Callable[[], Browser]


@pytest.fixture
async def root(browser: Open, system: InProcessSystem) -> AsyncIterator[Browser]:
    async with system.services.database.write() as connection:
        await make_admin(connection, system.sandbox.world.user("ada").id, "ada", 0.0)
    made = browser()
    await made.sign_in("ada")
    yield made


async def test_a_dead_job_is_tried_again(root: Browser, system: InProcessSystem) -> None:
    async with system.services.database.write() as connection:
        await connection.execute(text("UPDATE job SET state = 'dead', error = 'a fault <b>'"))
        job = (await connection.execute(text("SELECT id FROM job LIMIT 1"))).scalar_one()
    page = (await root.get("/admin")).text
    assert "a fault &lt;b&gt;" in page and "Try again" in page
    assert (await root.post(f"/admin/jobs/{job}/retry")).headers["location"] == "/admin?done=queued"
    assert (await root.post(f"/admin/jobs/{job}/drop")).headers["location"] == "/admin?done=dropped"
    assert (await root.post(f"/admin/jobs/{job}/drop")).status_code == 409


async def test_v8_3_1_the_pages_are_hidden_from_others(root: Browser, browser: Open) -> None:
    gus = browser()
    await gus.sign_in("gus")
    for path in ("/admin", "/admin/audit", "/admin/audit.jsonl", "/admin/nothing"):
        assert (await gus.get(path)).status_code == 404
    assert (await gus.post("/admin/jobs/x/retry")).status_code == 404


async def test_v16_2_1_privileged_actions_are_logged(root: Browser, system: InProcessSystem) -> None:
    await root.get("/repos/acme/shop/settings")
    await root.post("/repos/acme/shop/settings", {"version": "0", "review-language": "de"})
    log = (await root.get("/admin/audit")).text
    assert "settings changed" in log and "review.language" in log and ">changed<" not in log
    assert '"action": "settings changed"' in (await root.get("/admin/audit.jsonl")).text
    async with system.services.database.write() as connection:
        await connection.execute(text("UPDATE audit SET login = 'somebody' WHERE action = 'settings changed'"))
    assert ">changed<" in (await root.get("/admin/audit")).text


async def test_v16_4_2_a_row_that_was_taken_away_shows(root: Browser, system: InProcessSystem) -> None:
    async with system.services.database.write() as connection:
        for number in range(3):
            await audit.record_event(connection, audit.Event(float(number), "ada", "", "tried", str(number)))
        await connection.execute(text("DELETE FROM audit WHERE subject = '1'"))
    async with system.services.database.read() as connection:
        assert [entry.intact for entry in await audit.list_entries(connection, 10)][:2] == [False, True]


async def test_deliveries_are_replayed_and_recovered(root: Browser, system: InProcessSystem) -> None:
    async with system.services.database.read() as connection:
        (one, *_) = [delivery for delivery in await deliveries(connection) if delivery.jobs]
    page = (await root.get("/admin")).text
    assert f"/admin/deliveries/{one.guid}/replay" in page and "Recover missed deliveries" in page
    assert (await root.post(f"/admin/deliveries/{one.guid}/replay")).headers["location"] == "/admin?done=replay"
    assert (await root.post("/admin/missed")).headers["location"] == "/admin?done=missed"
    assert (await root.post("/admin/deliveries/guessed/replay")).status_code == 404
    assert "Work that was already done is not repeated" in (await root.get("/admin?done=replay")).text
    await system.settle()
    async with system.services.database.write() as connection:
        query = text("SELECT kind, state FROM job WHERE kind IN ('replay', 'reconcile') ORDER BY kind")
        assert [tuple(row) for row in await connection.execute(query)] == [("reconcile", "done"), ("replay", "done")]
        await connection.execute(text("UPDATE delivery SET received_at = received_at - 300000"))
    assert (await root.post(f"/admin/deliveries/{one.guid}/replay")).status_code == 409
    log = (await root.get("/admin/audit")).text
    assert "delivery replayed" in log and one.guid in log and "asked for what was missed" in log


async def test_health_line_and_the_action_for_a_failed_job(root: Browser, system: InProcessSystem) -> None:
    async with system.services.database.write() as connection:
        await insert_row(connection, LedgerRow.__table__, id="x", model="m", fault="", settled_at=2.0)  # type: ignore[attr-defined]
    assert "All is well." in (await root.get("/admin")).text
    async with system.services.database.write() as connection:
        await connection.execute(text("UPDATE job SET state = 'dead', error = 'openai: 401 Unauthorized'"))
        failed = (await connection.execute(text("SELECT count(*) FROM job"))).scalar_one()
    page = (await root.get("/admin")).text
    assert "All is well." not in page and f"{failed} job" in page and page.count("Check the provider key, then retry.") == failed


@pytest.mark.parametrize(
    ("error", "action"),
    [
        ("429 Too Many Requests", "Wait"),
        ("ReadTimeout: timed out", "Check the network"),
        ("the cap of a day", "Raise the cap"),
        ("", "Read the log"),
    ],
)
def test_an_error_has_its_action(error: str, action: str) -> None:
    assert suggest_action(error).startswith(action)


async def test_deliveries_without_jobs_are_hidden_by_default(root: Browser, system: InProcessSystem) -> None:
    async with system.services.database.write() as connection:
        await connection.execute(text("UPDATE delivery SET jobs = 0 WHERE guid = (SELECT min(guid) FROM delivery)"))
        quiet = (await connection.execute(text("SELECT min(guid) FROM delivery"))).scalar_one()
    assert quiet not in (await root.get("/admin")).text and quiet in (await root.get("/admin?deliveries=all")).text


async def test_admins_assign_roles_and_auditors_only_read(root: Browser, browser: Open, system: InProcessSystem) -> None:
    gus, will = browser(), browser()
    await gus.sign_in("gus")
    await will.sign_in("will")
    ids = {login: str(system.sandbox.world.user(login).id) for login in ("ada", "gus", "will", "sam")}
    assert (await root.post("/admin/roles", {"person": ids["ada"], "role": ""})).status_code == 409
    assert (await root.post("/admin/roles", {"person": ids["ada"], "role": "auditor"})).status_code == 409
    for wrong in ({"person": ids["sam"], "role": "admin"}, {"person": "x", "role": "admin"}, {"person": ids["gus"], "role": "owner"}):
        assert (await root.post("/admin/roles", wrong)).status_code == 404, wrong
    assert (await root.post("/admin/roles", {"person": ids["gus"], "role": "auditor"})).status_code == 303
    for path in ("/admin", "/admin/audit", "/admin/audit.jsonl", "/admin/deliveries"):
        assert (await gus.get(path)).status_code == 200, path
    page = (await gus.get("/admin")).text
    assert "You are an auditor" in page and 'action="/admin' not in page and 'href="/admin" data-go="s"' in (await gus.get("/")).text
    for path in (
        "/admin/pause",
        "/admin/missed",
        "/admin/jobs/x/retry",
        "/admin/deliveries/x/replay",
        "/admin/deliveries/1/redeliver",
        "/admin/roles",
    ):
        assert (await gus.post(path, {"person": ids["gus"], "role": "admin"})).status_code == 404, path
    assert (await gus.get("/setup")).status_code == 404
    await root.post("/admin/roles", {"person": ids["will"], "role": "admin"})
    assert (await will.post("/admin/pause")).status_code == 303
    await will.post("/admin/roles", {"person": ids["ada"], "role": ""})
    assert [(await each.get("/admin")).status_code for each in (root, gus, will)] == [404, 200, 200]
    assert "role removed" in (await will.get("/admin/audit")).text
    again = browser()
    await again.sign_in("gus")
    assert (await again.get("/admin")).status_code == 200
