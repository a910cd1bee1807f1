"""The sandbox's repositories as git sees them: real objects, real refs, and GitHub's answers to callers without access."""

import asyncio
import subprocess
from pathlib import Path

import httpx
import pytest

from app.sandbox.faults import FaultKind
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox
from tests.app.git.repositories import ENVIRONMENT, git
from tests.app.sandbox.conftest import Caller


@pytest.fixture
def services(sandbox: Sandbox) -> SandboxRepository:
    return sandbox.world.create_repository("acme/shop", {"a.py": "a = 1\n", "src/deep/b.py": "b = 1\n", "src.py": "", "bin": b"\0\1"})


async def clone(sandbox: Sandbox, name: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    words = ["git", *options, "clone", "--mirror", f"{sandbox.web_url}/{name}", str(folder)]
    environment = ENVIRONMENT | {"GIT_TERMINAL_PROMPT": "0"}
    return await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, env=environment, check=False)  # type: ignore[arg-type]


@pytest.mark.parametrize("protocol", ["0", "2"])
@pytest.mark.parametrize("name", ["acme/shop", "acme/shop.git"])
async def test_a_clone_has_the_commits_that_the_api_names(
    sandbox: Sandbox, services: SandboxRepository, tmp_path: Path, protocol: str, name: str
) -> None:
    pull = services.open_pull_request("Change it", {"src/deep/b.py": "b = 2\n", "bin": None}, "mia", fork=True)
    services.push_branch("main", {"a.py": "a = 2\n"})
    done = await clone(sandbox, name, tmp_path / "clone", "-c", f"protocol.version={protocol}", "-c", "fetch.fsckObjects=true")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "clone"
    refs = dict(line.split()[::-1] for line in git(folder, "show-ref").splitlines())
    assert refs == {"refs/heads/main": services.branches["main"], f"refs/pull/{pull.number}/head": pull.head_sha}
    assert git(folder, "rev-parse", "HEAD") == services.branches["main"]
    for sha in (services.branches["main"], pull.head_sha):
        assert git(folder, "rev-parse", f"{sha}^{{tree}}") == services.commits[sha].tree
        assert git(folder, "ls-tree", "-r", "--name-only", sha).splitlines() == sorted(services.commits[sha].files)
    git(folder, "fsck", "--strict")


async def test_an_unreadable_repository_does_not_exist(
    sandbox: Sandbox, services: SandboxRepository, call: Caller, http: httpx.AsyncClient
) -> None:
    hidden = sandbox.world.create_repository("secret/plans", private=True)
    refs = "/info/refs?service=git-upload-pack"

    async def asked(path: str, token: str = "") -> tuple[int, str]:
        answer = await http.get(sandbox.web_url + path, auth=("x-access-token", token) if token else None)
        return answer.status_code, answer.headers.get("www-authenticate", "")

    challenge = 'Basic realm="GitHub"'
    assert await asked(f"/acme/shop.git{refs}") == (200, "")
    assert await asked(f"/secret/plans.git{refs}") == (401, challenge)
    assert await asked(f"/no/body.git{refs}") == (401, challenge)
    assert await asked(f"/acme/shop.git{refs}", "ghs_wrong") == (401, challenge)
    assert await asked(f"/secret/plans.git{refs}", call.token) == (404, "")
    assert await asked("/acme/shop.git/info/refs?service=git-receive-pack", call.token) == (403, "")
    assert (await http.post(f"{sandbox.web_url}/acme/shop.git/git-receive-pack")).status_code == 403
    token, _, _ = sandbox.github.authenticator.issue(sandbox.world.installation_of(hidden).id, {})  # type: ignore[union-attr]
    assert await asked(f"/secret/plans.git{refs}", token) == (200, "")
    narrow = {"permissions": {"metadata": "read"}}
    token, _, _ = sandbox.github.authenticator.issue(sandbox.world.installation_of(hidden).id, narrow)  # type: ignore[union-attr]
    assert await asked(f"/secret/plans.git{refs}", token) == (404, "")


async def test_a_renamed_repository_redirects(sandbox: Sandbox, call: Caller, http: httpx.AsyncClient) -> None:
    sandbox.world.rename("acme/shop", "acme/store")
    place = f"{sandbox.web_url}/acme/shop.git/info/refs?service=git-upload-pack"
    answer = await http.get(place)
    assert (answer.status_code, answer.headers["location"]) == (301, place.replace("shop", "store"))
    answer = await call("GET", "/repos/acme/shop/pulls")
    number = sandbox.world.repository("acme/store").id
    assert (answer.status_code, answer.headers["location"]) == (301, f"{sandbox.api_url}/repositories/{number}/pulls")
    assert (await call("GET", f"/repositories/{number}")).json()["full_name"] == "acme/store"
    # Until somebody else takes the name.
    sandbox.world.create_repository("acme/shop")
    assert (await call("GET", "/repos/acme/shop")).json()["full_name"] == "acme/shop"


async def test_a_token_can_be_ended(call: Caller) -> None:
    assert (await call("DELETE", "/installation/token")).status_code == 204
    assert (await call("GET", "/installation/repositories")).status_code == 401


async def test_without_git_only_fetching_fails(
    sandbox: Sandbox, services: SandboxRepository, call: Caller, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = await http.get(f"{sandbox.web_url}/acme/shop.git/info/refs?service=git-upload-pack")
    assert answer.status_code == 501 and "git was not found" in answer.text
    assert (await call("GET", "/repos/acme/shop")).status_code == 200


async def test_fetches_are_in_the_log_and_are_no_writes(sandbox: Sandbox, services: SandboxRepository, tmp_path: Path) -> None:
    assert (await clone(sandbox, "acme/shop", tmp_path / "clone")).returncode == 0
    assert {exchange.operation for exchange in sandbox.log.exchanges} == {"git_info_refs", "git_upload_pack"}
    assert sandbox.log.writes() == []
    sandbox.github.faults.add("GET", "^/acme/shop.*info/refs", FaultKind.NOT_FOUND)
    assert (await clone(sandbox, "acme/shop", tmp_path / "again")).returncode != 0
    assert sandbox.log.exchanges[-1].fault == "404"
