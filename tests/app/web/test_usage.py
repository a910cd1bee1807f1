"""Usage against the plan: at the limit one line and a neutral check, and nothing is bought."""

from collections.abc import Callable

from app.store import plans
from app.store.statements import insert
from app.store.tables import RunRow
from tests.app.store.test_run_list import run_row
from tests.app.web.browser import Browser
from tests.stories.house import DIVISION, House

Open = Callable[[], Browser]


async def _installation(house: House) -> int:
    return next(each.id for each in house.sandbox.world.installations.values() if each.account.login == "acme")


async def test_a_later_word_on_the_plan_stands(house: House) -> None:
    async with house.workshop.database.write() as connection:
        for name, at in (("Team", 2.0), ("Pro", 1.0)):
            await plans.change(connection, "Acme", name, at)
        assert await plans.plan_of(connection, await _installation(house)) == plans.Plan("team", 5_000)
        await plans.change(connection, "acme", "", 3.0)
        assert await plans.plan_of(connection, await _installation(house)) == plans.Plan("free", 50)


async def test_without_a_purchase_there_is_no_limit(browser: Open) -> None:
    ada, rita = browser(), browser()
    await ada.sign_in("ada")
    await rita.sign_in("rita")
    page = (await ada.get("/usage")).text
    assert "self-hosted" in page and "no limit" in page and "globex" not in page
    assert "no account" in (await rita.get("/usage")).text
    assert "Nothing to show in this span" in (await ada.get("/insights")).text


async def test_a_plan_that_is_used_up_ends_in_a_skipped_check(browser: Open, house: House) -> None:
    now, acme = house.workshop.clock(), await _installation(house)
    async with house.workshop.database.write() as connection:
        await plans.change(connection, "acme", "Free", 1.0)
        rows = [run_row(f"r{n}", house.repository.id, now, installation_id=acme) for n in range(50)]
        await connection.execute(insert(RunRow, connection.dialect.name), rows)
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    await house.settle()
    (check,) = house.repository.check_runs.values()
    assert check.conclusion == "skipped" and "plan is used up" in (check.summary or "")
    assert not pull.reviews and house.bought() == 0
    ada = browser()
    await ada.sign_in("ada")
    assert "The free plan is used up" in (await ada.get("/usage")).text
