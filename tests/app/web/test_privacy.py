"""The privacy page: only people with admin access can see, export and delete stored data."""

import json
from collections.abc import Callable

from tests.app.web.browser import Browser
from tests.stories.harness import DIVISION, InProcessSystem
from tests.stories.questions import POOL, script

Open = Callable[[], Browser]
PAGE = "/repos/acme/shop/privacy"


async def _lived_in(system: InProcessSystem, ada: Browser) -> None:
    system.script([DIVISION], [DIVISION], [DIVISION])
    system.open()
    await system.settle()
    script(system, [POOL], [POOL], [POOL])
    await ada.sign_in("ada")
    await ada.get("/ask")
    await ada.post("/ask", {"repository": "acme/shop", "question": "Why do the connections run out?"})
    await system.settle()


async def test_everything_can_be_taken_along_and_deleted(browser: Open, system: InProcessSystem) -> None:
    ada = browser()
    await _lived_in(system, ada)
    page = (await ada.get(PAGE)).text
    assert "<b>1</b> run, <b>1</b> of them with" in page and "<b>1</b> question with" in page
    lines = [json.loads(line) for line in (await ada.get(f"{PAGE}/export.jsonl")).text.splitlines()]
    run, question = lines[0]["run"], lines[-1]["consultation"]
    assert run["author"] and run["title"] and run["headline"]
    assert (
        "divides by zero" in run["verdict"]
        and run["answers"]
        and run["red_checks"] == []
        and question["question"] == "Why do the connections run out?"
    )
    assert (await ada.post(f"{PAGE}/delete", {"name": "acme/other"})).status_code == 422
    assert "<b>1</b> of them with" in (await ada.get(PAGE)).text
    mirror = system.settings.mirrors_folder / "1" / str(system.repository.id)
    mirror.mkdir(parents=True)
    assert (await ada.post(f"{PAGE}/delete", {"name": "Acme/Shop"})).headers["location"] == f"{PAGE}?deleted=1"
    assert not mirror.exists()
    page = (await ada.get(f"{PAGE}?deleted=1")).text
    assert "<b>1</b> run, <b>0</b> of them with" in page and "<b>0</b> questions" in page and "<b>0</b> findings" in page
    left = (await ada.get(f"{PAGE}/export.jsonl")).text
    assert "divides" not in left and "connections" not in left and "Average" not in left
    forgotten = json.loads(left.splitlines()[0])["run"]
    assert {name: forgotten[name] for name in ("title", "author", "headline", "reason", "login") if forgotten[name]} == {}
    assert "$0.00" not in (await ada.get("/runs")).text


async def test_privacy_needs_admin_access(browser: Open) -> None:
    for login, expected in (("mia", 200), ("will", 403), ("rita", 403), ("gus", 404)):
        person = browser()
        await person.sign_in(login)
        assert (await person.get(PAGE)).status_code == (await person.get(f"{PAGE}/export.jsonl")).status_code == expected
        if expected != 200:
            assert (await person.post(f"{PAGE}/delete", {"name": "acme/shop"})).status_code == expected
