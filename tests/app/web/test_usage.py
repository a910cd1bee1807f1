"""Usage and plans: at the limit there is one line and a neutral check, and no model is called."""

from collections.abc import Callable

from sqlalchemy import text

from app.store.engine.upsert import insert_or
from app.store.repository_settings import Save, of_repository, save_level
from app.store.spending import plans
from app.store.tables.core import RunRow
from tests.app.store.test_run_list import run_row
from tests.app.web.browser import Browser
from tests.stories.harness import DIVISION, InProcessSystem

Open = Callable[[], Browser]


async def _installation(system: InProcessSystem) -> int:
    return next(installation.id for installation in system.sandbox.world.installations.values() if installation.account.login == "acme")


async def test_a_later_word_on_the_plan_stands(system: InProcessSystem) -> None:
    async with system.services.database.write() as connection:
        for name, at in (("Team", 2.0), ("Pro", 1.0)):
            await plans.change_plan(connection, "Acme", name, at)
        assert await plans.plan_of(connection, await _installation(system)) == plans.AccountPlan("team", 5_000)
        await plans.change_plan(connection, "acme", "", 3.0)
        assert await plans.plan_of(connection, await _installation(system)) == plans.AccountPlan("free", 50)


async def test_without_a_purchase_there_is_no_limit(browser: Open) -> None:
    ada, rita = browser(), browser()
    await ada.sign_in("ada")
    await rita.sign_in("rita")
    page = (await ada.get("/usage")).text
    assert "Projected for the month" in page and "self-hosted" not in page and "Plans:" not in page and "globex" not in page
    assert "write access in any account" in (await rita.get("/usage")).text
    assert "Nothing to show in this period" in (await ada.get("/insights")).text


async def test_a_plan_that_is_used_up_ends_in_a_skipped_check(browser: Open, system: InProcessSystem) -> None:
    now, acme = system.services.clock(), await _installation(system)
    async with system.services.database.write() as connection:
        await plans.change_plan(connection, "acme", "Free", 1.0)
        rows = [run_row(f"r{n}", system.repository.id, now, installation_id=acme) for n in range(50)]
        await connection.execute(insert_or(RunRow, connection.dialect.name), rows)
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    (check,) = system.repository.check_runs.values()
    assert check.conclusion == "skipped" and "plan is used up" in (check.summary or "")
    assert not pull.reviews and system.bought() == 0
    ada = browser()
    await ada.sign_in("ada")
    assert "The free plan is used up" in (await ada.get("/usage")).text


async def test_costs_are_grouped_and_exported_as_csv(browser: Open, system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    pull.issue.labels.append("urgent")
    await system.settle()
    ada, rita, gus = browser(), browser(), browser()
    for person, login in ((ada, "ada"), (rita, "rita"), (gus, "gus")):
        await person.sign_in(login)
    by_label = (await ada.get("/insights/cost-by-label.csv?repository=acme/shop")).text
    assert by_label.startswith("name,usd\r\nurgent,0.") and "acme/shop,0." in (await ada.get("/insights/cost-by-repository.csv")).text
    assert "/insights/cost-by-label.csv?days=30" in (await ada.get("/insights")).text
    assert (await ada.get("/insights/no.csv")).status_code == 404
    assert [(await each.get("/insights/cost-by-label.csv")).text for each in (rita, gus)] == ["name,usd\r\n"] * 2


async def test_from_80_percent_of_a_cap_on_people_are_warned(browser: Open, system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    ada = browser()
    await ada.sign_in("ada")
    assert "Change the cap" not in (await ada.get("/usage")).text + (await ada.get("/")).text
    async with system.services.database.write() as connection:
        spent = (await connection.execute(text("SELECT sum(spent_usd) FROM ledger"))).scalar_one()
        wanted = Save(of_repository(system.repository.id), f"limits: {{month_usd: {spent * 1.2:.4f}}}\n", 0, "ada", ())
        await save_level(connection, wanted, [], 0.0)
    for page in ("/", "/usage"):
        assert "Change the cap" in (await ada.get(page)).text and 'class="note warn"' in (await ada.get(page)).text, page
    system.repository.comment(1, "ada", "/council cost")
    await system.settle()
    assert "more than 80 % is used" in system.comments(system.repository.pulls[1])[-1]
    system.open(branch="again")
    await system.settle()
    assert "More than 80 % of this month's budget is used" in (system.checks()[-1].summary or "").replace("’", "'")


async def test_every_table_of_usage_and_the_runs_are_there_as_csv(browser: Open, system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.open_pull_request("=HYPERLINK(1)", system.files)
    await system.settle()
    ada, rita, gus = browser(), browser(), browser()
    for person, login in ((ada, "ada"), (rita, "rita"), (gus, "gus")):
        await person.sign_in(login)
    listed = (await ada.get("/runs.csv?state=published")).text.splitlines()
    assert len(listed) == 2 and listed[0].startswith("run,repository,pull request,head,title") and ",acme/shop,1," in listed[1]
    assert ",'=HYPERLINK(1)," in listed[1] and len((await ada.get("/runs.csv?state=dead")).text.splitlines()) == 1
    assert 'href="/runs.csv?state=published"' in (await ada.get("/runs?state=published")).text
    tables = {name: (await ada.get(f"/usage/{name}.csv")).text.splitlines() for name in ("accounts", "months", "repositories")}
    assert tables["accounts"][1].startswith("acme,0.") and tables["accounts"][1].endswith(",1,0") and len(tables["months"]) == 7
    assert tables["repositories"][1].startswith("acme/shop,0.") and tables["repositories"][1].endswith(",50.00")
    page = (await ada.get("/usage")).text
    assert all(f'href="/usage/{name}.csv"' in page for name in tables)
    assert (await ada.get("/usage/no.csv")).status_code == 404
    for person in (rita, gus):
        assert "acme" not in (await person.get("/runs.csv")).text + (await person.get("/usage/repositories.csv")).text
