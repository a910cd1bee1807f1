"""Sign-in and sign-out. Test names contain the item of OWASP's ASVS 5.0 that they test."""

import contextlib
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from app.authorization.repository_access import FRESH_SECONDS, Access
from app.github.permissions import Permission
from app.github.users import Users
from app.store.security.sessions import IDLE_SECONDS, LONGEST_SECONDS, find_session, id_of
from app.web.security import MAX_BODY, safe_path
from tests.app.web.browser import Browser
from tests.conftest import Clock
from tests.stories.harness import InProcessSystem

Open = Callable[[], Browser]


async def test_a_person_signs_in_and_sees_what_github_lets_them(browser: Open) -> None:
    ada, gus = browser(), browser()
    assert (await ada.sign_in("ada", "/account")).headers["location"] == "/account"
    await gus.sign_in("gus")
    mine, theirs = (await ada.get("/")).text, (await gus.get("/")).text
    assert "/repos/acme/shop" in mine and "globex" not in mine
    assert "/repos/globex/lab" in theirs and "acme" not in theirs


async def test_a_stranger_is_asked_to_sign_in_whatever_they_guess(browser: Open) -> None:
    answer = await browser().get("/account?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Faccount%3Fx%3D1")


async def test_v7_2_4_a_login_gives_the_session_a_new_id(browser: Open, system: InProcessSystem) -> None:
    ada = browser()
    await ada.sign_in("ada")
    first = ada.cookie()
    await ada.sign_in("ada")
    assert first and ada.cookie() != first
    ada.client.cookies.set("council-session", first, domain="127.0.0.1")
    stolen = httpx.Cookies({"council-session": first})
    assert (await httpx.AsyncClient(cookies=stolen, trust_env=False).get(f"{system.url}/account")).status_code == 303


async def test_v7_2_3_an_id_has_at_least_128_random_bits(browser: Open) -> None:
    ada = browser()
    await ada.sign_in("ada")
    assert len(ada.cookie()) >= 43


async def test_v7_2_4_no_session_can_be_fixed_beforehand(browser: Open, system: InProcessSystem) -> None:
    ada = browser()
    ada.client.cookies.set("council-session", "chosen-by-another", domain="127.0.0.1")
    await ada.sign_in("ada")
    async with system.services.database.read() as connection:
        assert await find_session(connection, id_of("chosen-by-another"), system.services.clock()) is None


async def test_v7_3_1_and_v7_3_2_sessions_expire(browser: Open, system: InProcessSystem) -> None:
    ada = browser()
    await ada.sign_in("ada")
    now = system.services.clock()
    async with system.services.database.read() as connection:
        assert await find_session(connection, id_of(ada.cookie()), now + IDLE_SECONDS - 60)
        assert await find_session(connection, id_of(ada.cookie()), now + IDLE_SECONDS + 60) is None
        assert await find_session(connection, id_of(ada.cookie()), now + LONGEST_SECONDS + 60) is None


async def test_v7_4_1_signing_out_ends_the_session_on_the_server(browser: Open, system: InProcessSystem) -> None:
    ada = browser()
    await ada.sign_in("ada")
    cookie = ada.cookie()
    answer = await ada.post("/logout")
    assert answer.status_code == 303 and answer.headers["clear-site-data"] == '"cache"'
    async with system.services.database.read() as connection:
        assert await find_session(connection, id_of(cookie), system.services.clock()) is None


async def test_v7_4_3_signing_out_everywhere_ends_them_all(browser: Open) -> None:
    here, there = browser(), browser()
    await here.sign_in("ada")
    await there.sign_in("ada")
    assert (await here.get("/account")).text.count("<tr>") == 3
    await here.post("/logout/everywhere")
    assert (await there.get("/account")).status_code == 303


async def test_v3_3_the_cookie_is_for_no_script_and_no_other_site(browser: Open) -> None:
    ada = browser()
    text = (await ada.get(await ada.consent("ada"))).headers.get_list("set-cookie")
    made = next(each for each in text if each.startswith("council-session="))
    assert "HttpOnly" in made and "SameSite=lax" in made and "Path=/" in made and "Domain" not in made


async def test_v10_2_1_the_state_is_bound_to_the_browser(browser: Open) -> None:
    """A victim's browser that is led to an attacker's callback is not signed in as the attacker."""
    attacker, victim = browser(), browser()
    link = await attacker.consent("sam")
    assert (await victim.get(link)).status_code == 400
    await victim.client.get(f"{victim.url}/login")
    assert (await victim.get(link)).status_code == 400
    assert (await victim.get("/account")).status_code == 303


async def test_v10_2_2_a_stolen_code_needs_its_verifier(browser: Open) -> None:
    thief, ada = browser(), browser()
    code = httpx.URL(await ada.consent("ada")).params["code"]
    begun = await thief.client.get(f"{thief.url}/login")
    state = httpx.URL(begun.headers["location"]).params["state"]
    assert (await thief.get(f"/login/callback?code={code}&state={state}")).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/a\r\nx: y",
        "",
        " /a",
        "/\t/e",
    ],
)
def test_v3_7_2_a_login_leads_to_no_other_site(path: str) -> None:
    assert safe_path(path) == "/"


async def test_v3_5_a_form_of_another_site_does_nothing(browser: Open) -> None:
    ada = browser()
    await ada.sign_in("ada")
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
    ):
        assert (await ada.post("/logout", **headers)).status_code == 403
    assert (await ada.client.post(f"{ada.url}/logout", data={"csrf": ada.csrf})).status_code == 403
    assert (await ada.post("/logout", {"csrf": "wrong"})).status_code == 403
    assert (await ada.get("/account")).status_code == 200


async def test_v4_3_1_large_bodies_are_not_stored(browser: Open) -> None:
    stranger = browser()
    await stranger.get("/setup")
    headers = {"origin": stranger.url, "sec-fetch-site": "same-origin"}

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 100_000

    for path in ("/setup/redeem", "/api/v1/reviews"):
        told = await stranger.client.post(stranger.url + path, content=b"x" * (MAX_BODY + 1), headers=headers)
        assert told.status_code == 413
        with contextlib.suppress(httpx.HTTPError):
            assert (await stranger.client.post(stranger.url + path, content=endless(), headers=headers)).status_code >= 400
    assert (await stranger.get("/healthz")).status_code == 200


async def test_v8_access_ends_a_minute_after_the_role(system: InProcessSystem, clock: Clock) -> None:
    found = system.settings
    access = Access(Users(found.github_api_url, found.github_web_url, found.client_id, found.client_secret), clock)
    token = system.sandbox.github.oauth.token_for("ada")
    assert [repository.permission for repository in await access.repositories("s", token)] == [Permission.ADMIN]
    del system.repository.collaborators["ada"]
    clock.pass_(FRESH_SECONDS - 1)
    assert await access.repositories("s", token)
    clock.pass_(2)
    assert await access.repositories("s", token) == ()
    await access.close()
