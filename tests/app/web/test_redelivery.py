"""Lost deliveries: listed as GitHub reports them, and redelivered when an admin asks."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from app.sandbox.github.webhook_sender import DeliveryMode
from app.store.security.sessions import make_admin
from tests.app.web.browser import Browser
from tests.stories.harness import DIVISION, InProcessSystem
from tests.system import AT_ONCE, serving

Open = Callable[[], Browser]
PAGE = "/admin/deliveries"


@pytest.fixture
async def root(browser: Open, system: InProcessSystem) -> Browser:
    async with system.services.database.write() as connection:
        await make_admin(connection, system.sandbox.world.user("ada").id, "ada", 0.0)
    made = browser()
    await made.sign_in("ada")
    return made


async def test_an_admin_redelivers_after_an_outage(root: Browser, system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    webhook_sender, app = system.sandbox.github.webhook_sender, system.sandbox.world.app
    up, app.webhook_url = app.webhook_url, "http://127.0.0.1:9/webhooks/github"
    pull = system.open()
    await system.settle()
    app.webhook_url = up
    assert system.comments(pull) == []
    (failed,) = [delivery for delivery in webhook_sender.deliveries.values() if delivery.status_code == 0]

    page = (await root.get(PAGE)).text
    assert page.count("Redeliver<") == 1 and failed.guid in page and "failed to connect" in page and "not recorded" in page
    sent = await root.post(f"{PAGE}/{failed.id}/redeliver")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PAGE}?done=1")
    # A double click.
    assert (await root.post(f"{PAGE}/{failed.id}/redeliver")).status_code == 303
    await system.settle()
    assert len(system.comments(pull)) == len(pull.reviews) == 1
    assert (
        sum(
            delivery.guid == failed.guid and delivery.redelivery and delivery.status == "OK"
            for delivery in webhook_sender.deliveries.values()
        )
        == 2
    )
    page = (await root.get(f"{PAGE}?done=1")).text
    assert "No lost deliveries." in page and "Redeliver<" not in page and "GitHub is delivering it again" in page
    log = (await root.get("/admin/audit")).text
    assert "delivery asked for again" in log and failed.guid in log


async def test_unrecorded_deliveries_are_listed(root: Browser, system: InProcessSystem) -> None:
    from sqlalchemy import text

    system.repository.open_issue("Kept")
    await system.settle()
    assert "No lost deliveries." in (await root.get(PAGE)).text
    async with system.services.database.write() as connection:
        await connection.execute(text("DELETE FROM delivery"))
    async with serving(system.settings, AT_ONCE) as url:
        later = replace(root, url=url)
        page = (await later.get(PAGE)).text
    assert "not recorded" in page and "OK (20" in page and "Redeliver<" in page


async def test_an_expired_delivery_is_one_sentence(root: Browser, system: InProcessSystem) -> None:
    await root.get(PAGE)
    gone = await root.post(f"{PAGE}/999999999/redeliver")
    assert gone.status_code == 409 and "it keeps deliveries for three days" in gone.text
    for odd in ("x", "-1", "1" * 40, "%C2%B2"):
        assert (await root.post(f"{PAGE}/{odd}/redeliver")).status_code == 404
    assert "asked for again" not in (await root.get("/admin/audit")).text


async def test_without_github_the_page_says_so(root: Browser, system: InProcessSystem) -> None:
    system.sandbox.github.webhook_sender.mode = DeliveryMode.FAIL
    system.repository.open_issue("Lost")
    settings = system.settings.model_copy(update={"github_api_url": "http://127.0.0.1:9"})
    async with serving(settings, AT_ONCE) as url:
        away = replace(root, url=url)
        page = await away.get(PAGE)
        assert page.status_code == 200 and "GitHub did not list its failed deliveries." in page.text
        assert (await away.get("/admin")).status_code == 200


async def test_nobody_else_may(root: Browser, system: InProcessSystem, browser: Open) -> None:
    (one, *_) = system.sandbox.github.webhook_sender.deliveries
    before = len(system.sandbox.github.webhook_sender.deliveries)
    will = browser()
    await will.sign_in("will")
    assert (await will.get(PAGE)).status_code == (await will.post(f"{PAGE}/{one}/redeliver")).status_code == 404
    stranger: httpx.Response = await browser().post(f"{PAGE}/{one}/redeliver")
    assert stranger.status_code == 303 and stranger.headers["location"].startswith("/login")
    assert (await root.post(f"{PAGE}/{one}/redeliver", {"csrf": "guessed"})).status_code == 403
    await system.sandbox.settled()
    assert len(system.sandbox.github.webhook_sender.deliveries) == before
