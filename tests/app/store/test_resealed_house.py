"""A real server's encrypted texts after a change of the master key: every table with one is known, and its pages read as before."""

import base64
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.store.reviews.transcripts import Transcripts
from app.store.security.resealing import OWNERS, Rotation, sealed_texts
from app.store.security.vault import open_vault
from tests.app.store.rows import all_tables
from tests.app.web.browser import Browser
from tests.app.web.conftest import browser, system
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem
from tests.stories.questions import LARGER, POOL, ask, issue, script
from tests.system import AT_ONCE, serving

__all__ = ["browser", "system"]
NEXT = base64.b64encode(b"n" * 32).decode()


@pytest.mark.slow
async def test_a_server_continues_with_another_key(browser: Callable[[], Browser], system: InProcessSystem) -> None:
    system.repository.push_branch("main", {".github/council.yml": "privacy: {encrypt_transcripts: true}\n"}, "octo-dev", "Configure")
    system.script([DIVISION, INJECTION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    short = pull.reviews[0].comments[0].body.split("<!-- council:finding ")[1][:4]
    system.repository.comment(pull.number, "ada", f"/council dismiss {short} known and harmless here")
    script(system, [POOL, LARGER], [POOL], [POOL])
    await ask(system, issue(system).number, "/council ask Why does nobody get a connection?")
    ada = browser()
    await ada.sign_in("ada")
    old, new = open_vault("", system.settings.data), open_vault(NEXT, system.settings.data)
    done = await Rotation(system.services.database, old, new, system.services.clock).run()
    counts, door = Counter[str](), Transcripts(lambda: new)
    async with system.services.database.read() as connection:
        for place in all_tables():
            for row in await connection.execute(select(place)):
                for name, kept in sealed_texts(row):
                    # A table with encrypted text that is not in OWNERS fails here.
                    door.opened(OWNERS[place.name](row), name, kept)
                    counts[place.name] += 1
    assert set(counts) == set(OWNERS) and done.lost == 0 and done.anew >= sum(counts.values()) + 1
    async with serving(system.settings.model_copy(update={"master_key": NEXT}), AT_ONCE) as url:
        again = Browser(url, system.sandbox)
        # A person who was signed in before still is.
        again.client.cookies.update(ada.client.cookies)
        runs = (await again.get("/runs")).text
        page = (await again.get("/runs/" + runs.split('href="/runs/')[1].split('"')[0])).text
        await again.close()
    assert "ZeroDivisionError" in page and "return total(items) / len(items)" in page
