"""Rules for every route, which the routers list. Test names contain the item of OWASP's ASVS 5.0 that they test."""

from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import quote, urlsplit

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from app.configuration.settings import Settings
from app.store.security.sessions import make_admin
from app.store.security.vault import open_vault
from app.web import create_app
from app.web.routes import ROUTERS
from tests.app.web.browser import Browser
from tests.stories.harness import InProcessSystem
from tests.system import AT_ONCE, serving

PUBLIC = {
    *("/", "/login", "/login/callback", "/static/{name}", "/api/v1", "/api/v1/openapi.json"),
    *("/healthz", "/readyz", "/metrics"),
    # It reveals nothing about this server.
    "/schema/council.json",
    # Public until the server has an admin; then hidden.
    *("/setup", "/setup/registered", "/setup/installed"),
}
# This form needs no session; the origin check and the console token protect it.
WITHOUT_SESSION = "/setup/redeem"
EVIL = "https://evil.example"


def routes() -> Iterator[tuple[str, str]]:
    """The method and path of every route except the webhook's, which only accepts GitHub's signature."""
    # Most routes are in routers; the application adds its own.
    for route in (*(each for router in ROUTERS for each in router.routes), *create_app(Settings()).routes):
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in sorted(route.methods))


ROUTES = tuple(routes())
GETS = tuple(path for method, path in ROUTES if method == "GET")
POSTS = tuple(path for method, path in ROUTES if method == "POST" and not path.startswith("/api/"))


class Real:
    """A system with an existing value for every path parameter."""

    def __init__(self, system: InProcessSystem, person: Browser, names: dict[str, str]) -> None:
        self.system, self.person, self.names = system, person, names

    def path(self, template: str) -> str:
        for name, value in self.names.items():
            template = template.replace(f"{{{name}}}", quote(value, safe=""))
        assert "{" not in template, f"name what {template} is about"
        return template

    async def events(self) -> int:
        async with self.system.services.database.read() as connection:
            tables = ("audit", "job", "setting", "api_token", "consultation", "session")
            counted = [await connection.execute(text(f"SELECT count(*) FROM {name}")) for name in tables]
        return sum(int(each.scalar_one()) for each in counted)


@pytest.fixture
async def real(system: InProcessSystem, browser: Callable[[], Browser]) -> AsyncIterator[Real]:
    """ada is admin of the server and of acme/shop, and has a run, a question, a token and a job there."""
    async with system.services.database.write() as connection:
        await make_admin(connection, system.sandbox.world.user("ada").id, "ada", 0.0)
    system.script([], [], [])
    system.open()
    await system.settle()
    ada = browser()
    await ada.sign_in("ada")
    await ada.get("/ask")
    asked = await ada.post("/ask", {"repository": "acme/shop", "question": "Why?", "specialist": "ask"})
    await ada.post("/tokens", {"repository": "acme/shop", "name": "ci"})
    await system.settle()
    async with system.services.database.read() as connection:

        async def one(query: str) -> str:
            return str((await connection.execute(text(query))).scalar_one())

        names = {
            "owner": "acme",
            "name": "shop",
            "installation_id:int": str(next(iter(system.sandbox.world.installations))),
            "installation_id": str(next(iter(system.sandbox.world.installations))),
            "number:int": "1",
            "run_id": await one("SELECT id FROM run"),
            "job_id": await one("SELECT id FROM job LIMIT 1"),
            "token_id": await one("SELECT id FROM api_token"),
            "consultation_id": asked.headers["location"].removeprefix("/ask/").partition("#")[0],
            "attempt_id": str(next(iter(system.sandbox.github.webhook_sender.deliveries))),
            "guid": await one("SELECT guid FROM delivery LIMIT 1"),
            "provider": "openai",
            "kind": "slack",
            "form": "json",
            "table": "cost-by-model",
            "sums": "months",
        }
    yield Real(system, ada, names)


async def test_v3_5_1_no_route_takes_a_form_of_another_site(real: Real) -> None:
    before = await real.events()
    for path in POSTS:
        for headers in (
            {"origin": EVIL, "sec-fetch-site": "cross-site"},
            {"origin": EVIL},
            {"origin": "null"},
            {"sec-fetch-site": "same-site"},
            {"sec-fetch-site": "none"},
            {},
        ):
            sent = await real.person.client.post(real.person.url + real.path(path), data={"csrf": real.person.csrf}, headers=headers)
            assert (sent.status_code, "another site" in sent.text) == (403, True), (path, headers)
    assert await real.events() == before


async def test_v3_5_1_no_route_takes_a_form_without_the_sessions_token(real: Real) -> None:
    before = await real.events()
    for path in POSTS:
        for csrf in ("", "guessed", real.person.csrf[:-1]):
            sent = await real.person.post(real.path(path), {"csrf": csrf})
            assert sent.status_code == 403, (path, csrf, sent.status_code)
            assert path == WITHOUT_SESSION or "earlier session" in sent.text, path
    assert await real.events() == before


async def test_v8_2_1_a_stranger_reaches_no_route_but_the_public_ones(real: Real, browser: Callable[[], Browser]) -> None:
    stranger = browser()
    for method, path in ROUTES:
        at = stranger.url + real.path(path)
        sent = await stranger.client.request(method, at, headers={"origin": stranger.url, "sec-fetch-site": "same-origin"})
        if path in PUBLIC:
            assert sent.status_code < 500 or path == "/readyz", path
            continue
        away = sent.status_code == 303 and sent.headers["location"].startswith("/login?next=%2F")
        assert away or sent.status_code in {401, 403, 404}, (method, path, sent.status_code)
        assert "acme" not in sent.text, path


@pytest.mark.slow
async def test_v3_4_every_answer_carries_the_headers(real: Real, browser: Callable[[], Browser]) -> None:
    stranger = browser()
    for method, path in (*ROUTES, ("GET", "/static/style.css"), ("GET", "/nothing"), ("POST", "/nothing")):
        for person in (real.person, stranger):
            answer = await person.client.request(method, person.url + real.path(path))
            where = (method, path, answer.status_code)
            policy = answer.headers["content-security-policy"]
            for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
                assert rule in policy, where
            assert "unsafe" not in policy and "*" not in policy, where
            assert answer.headers["x-content-type-options"] == "nosniff", where
            assert answer.headers["referrer-policy"] == "same-origin", where
            assert answer.headers["cross-origin-opener-policy"] == answer.headers["cross-origin-resource-policy"] == "same-origin", where
            assert answer.status_code in {303, 307} or answer.headers["content-type"].partition("/")[0] in {"text", "application"}, where
            kept = answer.headers["cache-control"]
            assert kept == ("public, max-age=3600" if path == "/static/style.css" else "no-store"), where
            assert "strict-transport-security" not in answer.headers, "only https may promise it"
            for each in answer.headers.get_list("set-cookie"):
                assert "HttpOnly" in each and "SameSite=lax" in each and "Path=/" in each and "Domain" not in each, where


async def test_v3_4_1_and_v3_3_1_https_headers_and_cookies(system: InProcessSystem) -> None:
    settings = system.settings.model_copy(update={"public_url": "https://council.example"})
    async with serving(settings, AT_ONCE) as url, httpx.AsyncClient(trust_env=False) as client:
        for method, path in (*ROUTES, ("GET", "/nothing")):
            answer = await client.request(method, url + path.replace("{", "").replace("}", "").replace(":int", "1"))
            assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains", path
        token = open_vault(settings.master_key, settings.data).derived("console token 0")
        form = {"content": f"token={token}", "headers": {"origin": "https://council.example"}}
        cookies = [
            *(await client.post(f"{url}/setup/redeem", **form)).headers.get_list("set-cookie"),
            *(await client.get(f"{url}/login")).headers.get_list("set-cookie"),
        ]
    assert [cookie.partition("=")[0] for cookie in cookies] == ["__Host-council-session", "__Host-council-login"]
    for cookie in cookies:
        assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=lax", "Path=/")) and "Domain" not in cookie


async def test_v3_7_2_no_route_sends_a_browser_to_another_site(real: Real, browser: Callable[[], Browser]) -> None:
    known = {"", urlsplit(real.person.url).netloc, urlsplit(real.system.sandbox.web_url).netloc}
    asked = "&".join(f"{name}={quote(EVIL)}" for name in ("next", "return_to", "redirect", "redirect_uri", "url", "to", "state", "code"))
    stranger = browser()
    for path in GETS:
        for person in (real.person, stranger):
            answer = await person.client.get(f"{person.url}{real.path(path)}?{asked}")
            assert urlsplit(answer.headers.get("location", "")).netloc in known, path
    for told in (EVIL, "//evil.example", "/\\evil.example", "/%5cevil.example", "/\tevil.example"):
        assert urlsplit((await stranger.sign_in("will", told)).headers["location"]).netloc == "", told


def test_there_is_something_to_hold_to_it() -> None:
    assert len(GETS) > 25 and len(POSTS) > 12 and {"/admin/missed", "/logout"} <= set(POSTS) and set(GETS) >= PUBLIC
