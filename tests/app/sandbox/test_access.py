"""Who may authenticate, and what a token allows."""

import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox
from tests.app.sandbox.conftest import Caller, app_token


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 200),
        ({"iss": "Iv23.sandboxcouncil"}, 200),
        ({"iss": "77"}, 401),
        ({"exp": 1}, 401),
        ({"exp": 7200.0}, 401),
        ({"iat": 600.0}, 401),
        ({"exp": "soon"}, 401),
    ],
)
async def test_the_app_is_known_by_its_jwt(sandbox: Sandbox, http: httpx.AsyncClient, claims: dict[str, Any], status: int) -> None:
    # Fractions are seconds from now.
    sent = {name: int(time.time() + value) if isinstance(value, float) else value for name, value in claims.items()}
    token = app_token(sandbox.world.app, **sent)
    answer = await http.get(f"{sandbox.api_url}/app", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["slug"] == "council-sandbox"


async def test_a_jwt_of_another_key_is_refused(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    async with Sandbox.start() as other:
        token = app_token(other.world.app)
    answer = await http.get(f"{sandbox.api_url}/app", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["message"]) == (401, "A JSON web token could not be decoded")


async def test_a_token_ends_after_an_hour(sandbox: Sandbox, call: Caller) -> None:
    assert (await call("GET", "/repos/acme/shop")).status_code == 200
    now = sandbox.world.now
    sandbox.world.now = lambda: now() + timedelta(minutes=61)
    assert (await call("GET", "/repos/acme/shop")).status_code == 401


async def test_an_unknown_token_reads_no_private_code(sandbox: Sandbox, http: httpx.AsyncClient, call: Caller) -> None:
    sandbox.world.create_repository("other/vault", private=True)
    assert (await Caller(http, sandbox.api_url, "ghs_wrong")("GET", "/repos/acme/shop")).status_code == 401
    assert (await call("GET", "/repos/other/vault")).status_code == 404


@pytest.mark.parametrize(
    ("narrowed", "method", "path", "body", "status"),
    [
        ({"permissions": {"contents": "read"}}, "GET", "/repos/acme/shop/contents/a.py", None, 200),
        ({"permissions": {"contents": "read"}}, "POST", "/repos/acme/shop/issues/1/comments", {"body": "x"}, 403),
        ({"permissions": {"issues": "write"}}, "POST", "/repos/acme/shop/issues/1/comments", {"body": "x"}, 201),
        ({"repositories": ["second"]}, "POST", "/repos/acme/shop/issues/1/comments", {"body": "x"}, 403),
    ],
)
async def test_a_token_can_be_limited(  # noqa: PLR0917
    sandbox: Sandbox, call: Caller, pull: PullRequest, narrowed: object, method: str, path: str, body: object, status: int
) -> None:
    sandbox.world.create_repository("acme/second")
    installation = next(iter(sandbox.world.installations))
    asking = Caller(call.http, call.root, app_token(sandbox.world.app))
    made = await asking("POST", f"/app/installations/{installation}/access_tokens", narrowed)
    assert made.status_code == 201
    assert (await Caller(call.http, call.root, made.json()["token"])(method, path, body)).status_code == status


@pytest.mark.parametrize("beyond", [{"permissions": {"administration": "write"}}, {"repositories": ["nowhere"]}])
async def test_a_token_cannot_be_extended(sandbox: Sandbox, call: Caller, beyond: object) -> None:
    installation = next(iter(sandbox.world.installations))
    asking = Caller(call.http, call.root, app_token(sandbox.world.app))
    assert (await asking("POST", f"/app/installations/{installation}/access_tokens", beyond)).status_code == 422


async def test_a_suspended_or_removed_installation_has_no_valid_token(sandbox: Sandbox, call: Caller) -> None:
    installation = next(iter(sandbox.world.installations))
    sandbox.world.suspend(installation)
    assert (await call("GET", "/repos/acme/shop")).status_code == 403
    sandbox.world.suspend(installation, suspended=False)
    assert (await call("GET", "/repos/acme/shop")).status_code == 200
    sandbox.world.uninstall(installation)
    assert (await call("GET", "/repos/acme/shop")).status_code == 401


@pytest.mark.parametrize(
    ("login", "role", "permission"),
    [
        ("max", "maintain", "write"),
        ("tri", "triage", "read"),
        ("wri", "write", "write"),
        ("adm", "admin", "admin"),
        ("acme", "", "admin"),
        ("dana", "", "read"),
    ],
)
async def test_the_legacy_permission_of_a_role(
    services: SandboxRepository, call: Caller, pull: PullRequest, login: str, role: str, permission: str
) -> None:
    if role:
        services.add_collaborator(login, role)
    answer = (await call("GET", f"/repos/acme/shop/collaborators/{login}/permission")).json()
    assert answer["permission"] == permission
    assert answer["role_name"] == (role or permission)
