"""What pages show, word for word: each page with data, each page without, and each error."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from syrupy.assertion import SnapshotAssertion

from app.configuration.settings import read_settings
from app.sandbox.server import Sandbox
from app.store.security.sessions import make_admin
from app.store.tables.core import JobRow, JobState
from tests.app.store.rows import insert_row
from tests.app.web.browser import Browser
from tests.app.web.visible import visible_text
from tests.snapshots import TextSnapshot
from tests.stories.harness import DIVISION, GHOST, INJECTION, InProcessSystem
from tests.stories.questions import LARGER, POOL, script
from tests.system import AT_ONCE, serving

PAGES = (
    *(
        "/",
        "/runs",
        "/insights",
        "/usage",
        "/ask",
        "/account",
        "/tokens",
        "/admin",
        "/admin/deliveries",
        "/admin/audit",
        "/setup",
        "/api/v1",
    ),
    *("/repos/acme/shop/settings", "/installations/{installation}/settings", "/installations/{installation}/keys"),
    *("/repos/acme/shop/suggestions", "/repos/acme/shop/privacy", "/repos/acme/shop/pulls/1"),
)
# What a page says after a form was sent.
AFTER = (
    *(f"/admin?done={done}" for done in ("queued", "dropped", "replay", "missed", "paused", "resumed", "role")),
    *(f"/repos/acme/shop/pulls/1?done={done}" for done in ("review", "pause", "resume", "dismiss", "restore", "helpful", "not-helpful")),
    *(
        "/repos/acme/shop/settings?saved=1",
        "/installations/{installation}/keys?set=1",
        "/installations/{installation}/keys?removed=1",
    ),
    *("/repos/acme/shop/privacy?deleted=1", "/runs/{run}?again=1", "/admin/deliveries?done=1", "/runs?q=zebra", "/ask?q=zebra"),
)
Open = Callable[[], Browser]
# A model's price, context and last day change with litellm's releases.
_MODEL = re.compile(
    r"^(?:[\w./:-]+/[\w./:@-]+ .*per review.*|.*per million tokens.*|price unknown.*|.*\bmodels without a key on this server)\n",
    re.MULTILINE,
)


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextSnapshot)


async def pages(person: Browser, paths: tuple[str, ...], names: dict[str, str]) -> str:
    """The texts of these pages, each under its address."""
    shown = []
    for path in paths:
        page = await person.get(path.format(**names))
        # Calls are listed as they began, and models are called at the same time.
        whole = re.sub(r'(<details id="calls">.*?</thead>).*?</details>', r"\1</details>", page.text, flags=re.DOTALL)
        body = visible_text(whole[whole.index("<main") : whole.index("</main>")])
        shown.append(f"===== {path} ({page.status_code})\n{_MODEL.sub('', body)}")
    return "\n".join(shown)


async def _admin(system: InProcessSystem, browser: Open) -> tuple[Browser, dict[str, str]]:
    async with system.services.database.write() as connection:
        await make_admin(connection, system.sandbox.world.user("ada").id, "ada", 0.0)
    ada = browser()
    await ada.sign_in("ada")
    return ada, {"installation": str(next(iter(system.sandbox.world.installations)))}


async def test_pages_without_data(system: InProcessSystem, browser: Open, golden: SnapshotAssertion) -> None:
    ada, names = await _admin(system, browser)
    assert await pages(ada, PAGES, names) == golden


async def test_pages_with_data(system: InProcessSystem, browser: Open, golden: SnapshotAssertion) -> None:
    ada, names = await _admin(system, browser)
    system.script([DIVISION, INJECTION], [DIVISION, GHOST], [INJECTION])
    system.open()
    await system.settle()
    script(system, [POOL], [POOL, LARGER], [POOL], stance={"larger": ("reject", "The pool is large enough.")})
    await ada.get("/ask")
    asked = await ada.post("/ask", {"repository": "acme/shop", "question": "Why do the connections run out?", "specialist": "ask"})
    await system.settle()
    await ada.post("/tokens", {"repository": "acme/shop", "name": "ci"})
    now, job = system.services.clock(), {"repository_id": system.repository.id, "kind": "review", "number": 7, "key": "review:7"}
    payload = '{"kind":"review","installation_id":1,"repository":{"id":1,"full_name":"acme/shop"},"number":7,"cause":"auto","trigger":"x"}'
    async with system.services.database.write() as connection:
        names["run"] = str((await connection.execute(text("SELECT id FROM run"))).scalar_one())
        for state in (JobState.DEAD, JobState.QUEUED):
            row = job | {
                "id": f"{state}1".rjust(32, "0"),
                "state": state,
                "payload": payload,
                "error": "the provider did not answer",
                "failures": 5,
            }
            row |= {
                "key": f"review:{state}",
                "created_at": now,
                "run_at": now + 9e9,
                "finished_at": now if state is JobState.DEAD else None,
            }
            await insert_row(connection, JobRow.__table__, **row)  # type: ignore[attr-defined]
    names["question"] = asked.headers["location"].partition("#")[0].removeprefix("/ask/")
    assert await pages(ada, (*PAGES, "/runs/{run}", "/runs/{run}/shown", "/ask/{question}"), names) == golden(name="pages")
    said = []
    for path in AFTER:
        page = (await ada.get(path.format(**names))).text
        notes = re.findall(r'<(?:p|div) class="(?:note good|empty)".*?</(?:p|div)>|<section aria-labelledby="best">.*?</section>', page)
        assert notes, path
        said.append(f"===== {path}\n{''.join(map(visible_text, notes))}")
    assert "\n".join(said) == golden(name="after")


async def test_pages_of_an_empty_server(tmp_path: Path, capsys: pytest.CaptureFixture[str], golden: SnapshotAssertion) -> None:
    """The welcome page and the set-up, from the token to the checks."""
    async with Sandbox.start() as sandbox:
        settings = read_settings({"COUNCIL_DATA": str(tmp_path), "GITHUB_API_URL": sandbox.api_url, "GITHUB_WEB_URL": sandbox.web_url})
        async with serving(settings, AT_ONCE) as url:
            token = re.findall(r"token=(\w+)", capsys.readouterr().err)[-1]
            owner = Browser(url, sandbox)
            shown = [await pages(owner, ("/", "/setup"), {})]
            wrong = await owner.post("/setup/redeem", {"token": "0" * 40})
            await owner.post("/setup/redeem", {"token": token})
            shown.append(await pages(owner, ("/setup",), {}))
            form = {"name": "Our Council", "public_url": url, "organisation": "", "github": sandbox.web_url}
            for name, answer in (
                ("wrong token", wrong),
                ("no name", await owner.post("/setup/manifest", form | {"name": ""})),
                ("no URL", await owner.post("/setup/manifest", form | {"public_url": "nowhere"})),
                ("manifest", await owner.post("/setup/manifest", form)),
                ("old registration", await owner.get("/setup/registered?code=x&state=y")),
            ):
                shown.append(f"===== {name} ({answer.status_code})\n{visible_text(answer.text[answer.text.index('<main') :])}")
            await owner.close()
    assert "\n".join(shown) == golden


async def test_errors_of_pages(system: InProcessSystem, browser: Open, golden: SnapshotAssertion) -> None:
    ada, names = await _admin(system, browser)
    rita, will, stranger = browser(), browser(), browser()
    await rita.sign_in("rita")
    await will.sign_in("will")
    system.open()
    await system.settle()
    for person in (rita, will):
        await person.get("/account")
    settings = f"/installations/{names['installation']}/settings"
    answers = {
        "a page that does not exist": await will.get("/nothing"),
        "a repository of somebody else": await will.get("/repos/globex/lab/settings"),
        "a reader opens a pull request": await rita.get("/repos/acme/shop/pulls/1"),
        "a writer changes settings": await will.post("/repos/acme/shop/settings", {"version": "0", "save": "1"}),
        "a writer changes an organization": await will.post(settings, {"version": "0", "save": "1"}),
        "a form of an earlier session": await will.post("/tokens", {"csrf": "old", "repository": "acme/shop", "name": "ci"}),
        "a form of another site": await will.post("/tokens", {}, origin="https://evil.example"),
        "a form that is too large": await will.post("/ask", {"question": "x" * 300_000}),
        "an empty question": await will.post("/ask", {"repository": "acme/shop", "question": " ", "specialist": "ask"}),
        "a question that is too long": await will.post("/ask", {"repository": "acme/shop", "question": "x" * 20_001, "specialist": "ask"}),
        "an unknown command": await will.post("/repos/acme/shop/pulls/1/commands", {"command": "dance"}),
        "an unknown finding": await will.post("/repos/acme/shop/pulls/1/commands", {"command": "dismiss", "run": "x", "finding": "y"}),
        "settings that somebody else saved": await ada.post("/repos/acme/shop/settings", {"version": "99", "save": "1"}),
        "a deletion without the name": await ada.post("/repos/acme/shop/privacy/delete", {"name": "shop"}),
        "the last admin": await ada.post("/admin/roles", {"person": str(system.sandbox.world.user("ada").id), "role": ""}),
        "a delivery that is too old": await ada.post("/admin/deliveries/99/redeliver"),
        "a key that is none": await ada.post(f"/installations/{names['installation']}/keys/openai", {"key": "not a key"}),
        "a channel that is none": await ada.post("/repos/acme/shop/channels/slack", {"target": "nowhere"}),
        "a test of no channel": await ada.post("/repos/acme/shop/channels/slack", {"test": "1"}),
        "a login of another browser": await stranger.get("/login/callback?code=x&state=y"),
        "the API without a token": await stranger.get("/api/v1/runs"),
        "metrics without a token": await stranger.get("/metrics"),
    }
    shown = []
    for name, answer in answers.items():
        body = visible_text(answer.text[answer.text.index("<h1") :] if "<h1" in answer.text else answer.text)
        # A form that is shown again says what is wrong with it; the rest is in the other snapshots.
        said = (
            body
            if len(body) < 800
            else "\n".join(visible_text(each) for each in re.findall(r'role="alert">(.*?)</(?:p|div)>', answer.text))
        )
        shown.append(f"===== {name} ({answer.status_code})\n{said}")
    assert "\n".join(shown) == golden
