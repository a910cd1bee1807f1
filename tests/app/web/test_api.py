"""The HTTP API: one repository per token, no access without one, and no server error on invalid input."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.authorization.api_tokens import digest_of
from tests.app.web.browser import Browser
from tests.stories.harness import DIVISION, InProcessSystem

Open = Callable[[], Browser]


class Api:
    """A program with a token."""

    def __init__(self, system: InProcessSystem, secret: str) -> None:
        self._root, self._headers = f"{system.url}/api/v1", {"authorization": f"Bearer {secret}"}

    async def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            return await client.request(method, self._root + path, headers=self._headers, **more)


async def made(browser: Browser, login: str, repository: str) -> str:
    await browser.sign_in(login)
    await browser.get("/tokens")
    page = (await browser.post("/tokens", {"repository": repository, "name": "ci"})).text
    (secret,) = re.findall(r"<pre[^>]*>(council_[^<]+)</pre>", page)
    return secret


async def test_a_program_reviews_asks_and_searches_in_one_repository(browser: Open, system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    will, gus = browser(), browser()
    secret = await made(will, "will", "acme/shop")
    api, other = Api(system, secret), Api(system, await made(gus, "gus", "globex/lab"))
    pull = system.open()
    await system.settle()
    (run,) = (await api("GET", "/runs")).json()["runs"]
    assert (run["number"], run["state"]) == (pull.number, "published")
    assert (await api("GET", f"/runs/{run['id']}")).json()["verdict"]["ranked"]
    assert (await other("GET", "/runs")).json()["runs"] == []
    for path in (f"/runs/{run['id']}", "/runs/none", "/consultations/none"):
        assert (await other("GET", path)).status_code == 404
    assert (await api("POST", "/reviews", json={"number": pull.number})).status_code == 202
    asked = (await api("POST", "/consultations", json={"question": "Why is the cart empty?"})).json()["id"]
    await system.settle()
    assert (await api("GET", f"/consultations/{asked}")).json()["state"] in {"answered", "incomplete"}
    assert (await other("GET", f"/consultations/{asked}")).status_code == 404
    assert (await other("POST", "/consultations", json={"question": "x", "follows": asked})).status_code == 404
    assert len((await api("GET", "/search?q=cart")).json()["runs"]) == 2


async def test_a_token_is_hashed_shown_once_and_ends(browser: Open, system: InProcessSystem) -> None:
    will, ada = browser(), browser()
    secret = await made(will, "will", "acme/shop")
    await ada.sign_in("ada")
    listed = (await will.get("/tokens")).text
    (name,) = re.findall(r"/tokens/([^/]+)/revoke", listed)
    async with system.services.database.read() as connection:
        row = (await connection.execute(text("SELECT * FROM api_token"))).one()
    assert secret not in listed and secret not in str(row) and digest_of(secret) in str(row)
    await ada.post(f"/tokens/{name}/revoke")
    assert (await Api(system, secret)("GET", "/runs")).status_code == 200
    await will.post(f"/tokens/{name}/revoke")
    assert (await Api(system, secret)("GET", "/runs")).status_code == 401
    assert (await will.post("/tokens", {"repository": "globex/lab", "name": "x"})).status_code == 404


@pytest.mark.parametrize("secret", ["", "council_", "council_guess", "x" * 9_000, "session"])
async def test_nothing_without_a_token(system: InProcessSystem, secret: str) -> None:
    api = Api(system, secret or "none")
    for method, path in (("GET", "/runs"), ("GET", "/runs/x"), ("GET", "/search?q=a"), ("POST", "/reviews"), ("POST", "/consultations")):
        assert (await api(method, path, **({"json": {}} if method == "POST" else {}))).status_code in {401, 422}


async def test_invalid_input_is_refused_with_a_message(browser: Open, system: InProcessSystem) -> None:
    api = Api(system, await made(browser(), "will", "acme/shop"))
    queries = ("before=nan:a", "before=1e999:a", "before=:", "before=x:%00", "state=%00", "author=%ff%fe", "state=" + "x" * 99)
    odd = [await api("GET", f"/runs?{query}") for query in queries]
    odd += [await api("GET", f"/search?q={query}") for query in ("%00", "%22%27*%29", "%F0%9F%A6%8A", "a" * 600, "")]
    odd += [await api("GET", f"/{kind}/%00%ff") for kind in ("runs", "consultations")]
    odd += [await api("POST", "/reviews", json={"number": number}) for number in (0, -1, 10**30, "x", None, 1.5)]
    odd += [await api("POST", "/consultations", content=body) for body in (b"", b"{", b'{"question":"\\u0000"}', b'{"question":"\\ud800"}')]
    assert all(answer.status_code < 500 for answer in odd), [(a.request.url, a.status_code) for a in odd if a.status_code >= 500]
    assert system.bought() == 0


async def test_the_description_names_every_route(system: InProcessSystem) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        described = (await client.get(f"{system.url}/api/v1/openapi.json")).json()
        page = await client.get(f"{system.url}/api/v1")
    assert set(described["paths"]) == {
        *("/api/v1/runs", "/api/v1/runs/{run_id}", "/api/v1/reviews"),
        *("/api/v1/consultations", "/api/v1/consultations/{consultation_id}", "/api/v1/search"),
    }
    assert page.status_code == 200 and all(path in page.text for path in described["paths"])
