"""A sandbox with one repository and one pull request, and a caller with an installation token."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.sandbox.github.entities import App, PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.world import make_key
from app.sandbox.server import Sandbox

BASE = {"a.py": "".join(f"line {number}\n" for number in range(1, 41)), "docs/guide.md": "# Guide\n"}


def app_token(app: App, **claims: object) -> str:
    """A JWT as the App signs it."""
    now = int(time.time())
    # Checking the key again for each token would take longer than most tests.
    key = load_pem_private_key(app.private_key.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return jwt.encode({"iat": now - 10, "exp": now + 300, "iss": str(app.id), **claims}, key, algorithm="RS256")


@dataclass
class Caller:
    """Calls the REST API with a token."""

    http: httpx.AsyncClient
    root: str
    token: str

    async def __call__(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        given = {"authorization": f"Bearer {self.token}", **headers}
        return await self.http.request(method, self.root + path, json=body, headers=given)


@pytest.fixture(scope="session")
def private_key() -> str:
    """One for all, because creating one takes a while."""
    return make_key()


@pytest.fixture
async def sandbox(private_key: str) -> AsyncIterator[Sandbox]:
    async with Sandbox.start(private_key=private_key) as started:
        yield started


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=5) as client:
        yield client


@pytest.fixture
def services(sandbox: Sandbox) -> SandboxRepository:
    return sandbox.world.create_repository("acme/shop", BASE)


@pytest.fixture
def pull(services: SandboxRepository) -> PullRequest:
    changed = BASE["a.py"].replace("line 5\n", "line five\n").replace("line 30\n", "line thirty\n")
    return services.open_pull_request("Spell numbers", {"a.py": changed, "new.py": "x = 1\n"}, "dana", body="As words.")


@pytest.fixture
async def call(sandbox: Sandbox, http: httpx.AsyncClient, services: SandboxRepository) -> Caller:
    """An installation token for acme."""
    installation = sandbox.world.installation_of(services)
    assert installation
    address = f"{sandbox.api_url}/app/installations/{installation.id}/access_tokens"
    made = await http.post(address, headers={"authorization": f"Bearer {app_token(sandbox.world.app)}"})
    assert made.status_code == 201
    return Caller(http, sandbox.api_url, made.json()["token"])
