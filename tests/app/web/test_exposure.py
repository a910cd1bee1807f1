"""Who can see what: metrics, sign-ins behind an unknown host, and pages that follow a run."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from fastapi import Request
from fastapi.responses import StreamingResponse
from sqlalchemy import text

from app.clock import now
from app.configuration.listen_address import is_loopback
from app.configuration.settings import Settings, read_settings
from app.errors import GitHubRejected, SettingsError
from app.services.web import open_web_services
from app.store.security.sessions import find_session, id_of
from app.web.application import create_metrics_app
from app.web.errors import Hidden
from app.web.login import _callback
from app.web.routes.runs import events
from app.web.security import trusted_origin
from app.web.stream import follow
from app.web.viewer import Viewer
from tests.app.web.browser import Browser
from tests.stories.harness import InProcessSystem

Open = Callable[[], Browser]


@pytest.mark.parametrize("sent", ["", "Bearer x", "Bearer wrong", "Basic x", "Bearer é"])
async def test_metrics_need_their_token(system: InProcessSystem, sent: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{system.url}/metrics", headers={"authorization": sent.encode(), "x-forwarded-for": "127.0.0.1"})
        assert answer.status_code == 401 and "METRICS_TOKEN" in answer.json()["message"]


async def test_a_server_without_a_token_shows_no_metrics() -> None:
    from types import SimpleNamespace

    from app.web.application import create_app

    app = create_app(Settings())
    app.state.services = SimpleNamespace(settings=Settings())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        for header in ({}, {"authorization": "Bearer x"}):
            assert (await client.get("/metrics", headers=header)).status_code == 401


async def test_the_port_of_metrics_answers_nothing_else() -> None:
    app = create_metrics_app(None)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        for path in ("/", "/login", "/healthz", "/api/v1", "/docs", "/openapi.json"):
            assert (await client.get(path)).status_code == 404


def test_a_short_metrics_token_is_refused() -> None:
    with pytest.raises(SettingsError, match="METRICS_TOKEN is too short"):
        read_settings({"METRICS_TOKEN": "x" * 11})


@pytest.mark.parametrize(
    ("host", "public_url", "origin"),
    [
        ("127.0.0.1", "", "http://evil.example"),
        ("::1", "", "http://evil.example"),
        ("localhost", "", "http://evil.example"),
        ("0.0.0.0", "", None),
        ("::", "", None),
        ("10.0.0.7", "", None),
        ("council.internal", "", None),
        ("0.0.0.0", "https://council.example.com", "https://council.example.com"),
    ],
)
def test_sign_in_redirects_only_to_a_configured_host(host: str, public_url: str, origin: str | None) -> None:
    from types import SimpleNamespace

    services = SimpleNamespace(settings=Settings(host=host, public_url=public_url))
    scope = {
        "type": "http",
        "scheme": "http",
        "headers": [(b"host", b"evil.example")],
        "app": SimpleNamespace(state=SimpleNamespace(services=services)),
    }
    assert is_loopback(host) is (origin == "http://evil.example")
    # The set-up page offers it as the public URL.
    assert trusted_origin(services.settings, scope) == (origin or "")
    if origin is None:
        with pytest.raises(SettingsError, match="set PUBLIC_URL"):
            _callback(Request(scope))
    else:
        assert _callback(Request(scope)) == f"{origin}/login/callback"


@pytest.mark.parametrize("gone", [Hidden(), GitHubRejected("gone", 403)])
async def test_a_stream_asks_for_the_rights_again_every_minute(gone: Exception) -> None:
    slept, checked = 0.0, []

    async def sleep(seconds: float) -> None:
        nonlocal slept
        slept += seconds

    async def check() -> None:
        checked.append(slept)
        if len(checked) == 3:
            raise gone

    async def look() -> tuple[tuple[str, int, int], bool]:
        return ("opinions", int(slept), 0), False

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    request = Request({"type": "http", "headers": []}, receive)
    async for _ in follow(request, look, check, sleep).body_iterator:
        pass
    assert checked == [60.0, 120.0, 180.0] and slept == 180.0


@pytest.mark.parametrize("lost", ["session", "role"])
async def test_a_stream_ends_within_a_minute_of_losing_access(browser: Open, system: InProcessSystem, lost: str) -> None:
    system.script([], [], [])
    system.open()
    await system.settle()
    ada = browser()
    await ada.sign_in("ada")
    async with system.services.database.write() as connection:
        row = (await connection.execute(text("SELECT id FROM run"))).one()
        await connection.execute(text("UPDATE run SET state = 'opinions'"))
    async with system.services.database.read() as connection:
        session = await find_session(connection, id_of(ada.cookie()), now())
    assert session is not None
    slept = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal slept
        slept += seconds

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    async with open_web_services(system.settings, system.services.database, lambda: now() + slept) as services:
        viewer = Viewer(replace(services, sleep=sleep), session, "")
        response = await events(Request({"type": "http", "headers": []}, receive), row.id, viewer)
        if lost == "session":
            await ada.post("/logout")
        else:
            system.repository.collaborators["ada"] = "read"
        assert isinstance(response, StreamingResponse)
        async for _ in response.body_iterator:
            pass
        await viewer.services.access.close()
    assert slept == 60.0
