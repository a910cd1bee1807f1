"""The home page: first steps, then reviews, findings, costs, and queued or failed jobs."""

from collections.abc import Callable

from sqlalchemy import text

from app.configuration.settings_layers import month_caps
from app.store.dashboard import read_dashboard
from app.store.repository_settings import Save, of_repository, save_level
from app.store.tables.core import JobRow
from app.web.views.home import Money
from tests.app.store.rows import insert_row
from tests.app.web.browser import Browser
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem

Open = Callable[[], Browser]


async def test_first_steps_and_then_findings(system: InProcessSystem, browser: Open) -> None:
    will, rita = browser(), browser()
    await will.sign_in("will")
    await rita.sign_in("rita")
    page = (await will.get("/")).text
    assert "First steps for acme/shop" in page and "Or comment /council review" in page and "none yet" in page
    system.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    system.open()
    await system.settle()
    page = (await will.get("/")).text
    assert "First steps" not in page and "1 critical, 1 high" in page and "#1" in page
    assert page.count('<span class="sev critical">1 critical</span>') == 2 and page.count('<span class="sev high">1 high</span>') == 2
    assert "of $50.00" in page and "nothing failed" in page
    told = (await rita.get("/")).text
    assert "You need write access" in told and "1 critical, 1 high" not in told and "Open findings</dt>" not in told


async def test_only_open_findings_of_open_pull_requests_count(system: InProcessSystem, browser: Open) -> None:
    system.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    pull, repository_id = system.open(), system.repository.id

    async def counted() -> dict[str, int]:
        async with system.services.database.read() as connection:
            return dict((await read_dashboard(connection, [repository_id], system.services.clock(), 0.0)).open.get(repository_id, {}))

    await system.settle()
    assert await counted() == {"critical": 1, "high": 1}
    will = browser()
    await will.sign_in("will")
    async with system.services.database.read() as connection:
        run = (await connection.execute(text("SELECT id FROM run"))).scalar_one()
        short = (await connection.execute(text("SELECT short_id FROM finding WHERE severity = 'high'"))).scalar_one()
    await will.post("/repos/acme/shop/pulls/1/commands", {"command": "dismiss", "run": run, "finding": short})
    assert await counted() == {"critical": 1}
    system.repository.close(pull.number)
    await system.settle()
    assert await counted() == {}


async def test_failed_and_queued_jobs_need_access(system: InProcessSystem, browser: Open) -> None:
    now, services = system.services.clock(), {"repository_id": system.repository.id, "kind": "review", "number": 7}
    async with system.services.database.write() as connection:
        table = JobRow.__table__  # type: ignore[attr-defined]
        await insert_row(
            connection, table, **services, id="f1", key="f1", state="dead", finished_at=now - 60, error="no key\nmore", run_at=0.0
        )
        await insert_row(
            connection, table, **services, id="f2", key="f2", state="dead", finished_at=now - 8 * 86_400, error="old", run_at=0.0
        )
        await insert_row(connection, table, **services, id="w1", key="w1", state="queued", run_at=now + 500, error="")
    will, gus = browser(), browser()
    await will.sign_in("will")
    await gus.sign_in("gus")
    page = (await will.get("/")).text
    assert "no key" in page and "more" not in page.partition("no key")[2][:20] and "old" not in page.partition('id="failed"')[2]
    assert page.count('href="/repos/acme/shop/pulls/7"') == 2 and 'id="waiting"' in page
    assert "acme/shop" not in (await gus.get("/")).text


async def test_a_cap_is_the_strictest_and_warns_from_80_percent(system: InProcessSystem) -> None:
    scope = of_repository(system.repository.id)
    async with system.services.database.write() as connection:
        await save_level(connection, Save(scope, "limits: {month_usd: 3}\n", 0, "ada", ()), [], 0.0)
    async with system.services.database.read() as connection:
        caps = await month_caps(connection, system.settings.caps, {system.repository.id: 1, 2: 1})
    assert caps == {system.repository.id: 3.0, 2: system.settings.caps.month}
    assert [Money(usd, 10.0).tone for usd in (7.9, 8.0, 10.0)] == ["", "warn", "bad"] and Money(99.0, None).tone == ""
