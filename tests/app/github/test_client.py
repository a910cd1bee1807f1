"""The client: one token, typed errors, reads repeated, writes never."""

import asyncio
import subprocess
import sys
import time

import pytest

from app.errors import GitHubRejected, NotFound, RateLimited, Unavailable
from app.github.github_app import GitHubApp, Timing
from app.github.installation_client import GitHubModel, InstallationClient, Renamed
from app.github.pace import ProcessPace
from app.sandbox.faults import FaultKind
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox
from tests.app.github.conftest import FULL_NAME, Waits

ROOT = f"/repos/{FULL_NAME}"


class Named(GitHubModel):
    full_name: str = ""
    id: int = 0


def operations(sandbox: Sandbox, name: str) -> int:
    return sum(exchange.operation == name for exchange in sandbox.log.exchanges)


async def test_ten_concurrent_jobs_request_one_token(app: GitHubApp, sandbox: Sandbox, installation_id: int) -> None:
    async def job() -> str:
        async with app.installation(installation_id, FULL_NAME) as github:
            return (await github.get(ROOT, Named)).full_name

    assert await asyncio.gather(*(job() for _ in range(10))) == [FULL_NAME] * 10
    assert operations(sandbox, "create_token") == 1


async def test_an_expired_token_is_replaced(sandbox: Sandbox, installation_id: int) -> None:
    now = [sandbox.world.now().timestamp()]
    app = GitHubApp(sandbox.api_url, sandbox.world.app.id, sandbox.world.app.private_key, Timing(clock=lambda: now[0]))
    for _ in range(2):
        async with app.installation(installation_id, FULL_NAME) as github:
            await github.get(ROOT, Named)
        now[0] += 45 * 60
    # The second time our clock is ahead of GitHub's, which refuses the signature once.
    assert operations(sandbox, "create_token") == 3


async def test_a_revoked_token_is_not_used_again(app: GitHubApp, sandbox: Sandbox, installation_id: int) -> None:
    async with app.installation(installation_id, FULL_NAME) as github:
        sandbox.github.authenticator.revoke_all()
        with pytest.raises(Unavailable):
            await github.get(ROOT, Named)
    async with app.installation(installation_id, FULL_NAME) as github:
        assert (await github.get(ROOT, Named)).full_name == FULL_NAME


async def test_a_permission_granted_later_needs_a_new_token(sandbox: Sandbox, installation_id: int, repository: SandboxRepository) -> None:
    ours, later = sandbox.world.app, [0.0]
    app = GitHubApp(sandbox.api_url, ours.id, ours.private_key, Timing(clock=lambda: time.time() + later[0]))
    number = repository.open_issue("Slow").number
    sandbox.world.permit(installation_id, issues="read")

    async def comment() -> None:
        async with app.installation(installation_id, FULL_NAME) as github:
            await github.post(f"{ROOT}/issues/{number}/comments", {"body": "Hello"}, Named)

    with pytest.raises(GitHubRejected) as refused:
        await comment()
    assert refused.value.permission == "issues: write"
    sandbox.world.permit(installation_id, issues="write")
    # The token of a moment ago counts as new. The one from before this work began does not.
    with pytest.raises(GitHubRejected):
        await comment()
    later[0] = 10.0
    with pytest.raises(Unavailable):
        await comment()
    await comment()


async def test_a_fresh_token_without_permission_is_not_replaced(
    sandbox: Sandbox, installation_id: int, repository: SandboxRepository
) -> None:
    ours, later = sandbox.world.app, [0.0]
    app = GitHubApp(sandbox.api_url, ours.id, ours.private_key, Timing(clock=lambda: time.time() + later[0]))
    number = repository.open_issue("Slow").number
    sandbox.world.permit(installation_id, issues="read")
    for ago in (0.0, 90.0):
        later[0] += ago
        async with app.installation(installation_id, FULL_NAME, begun_seconds_ago=ago + 5.0) as github:
            later[0] += 90.0
            with pytest.raises(GitHubRejected):
                await github.post(f"{ROOT}/issues/{number}/comments", {"body": "Hello"}, Named)
        later[0] -= 90.0


async def test_the_app_knows_itself_and_where_it_is_installed(app: GitHubApp, sandbox: Sandbox, installation_id: int) -> None:
    assert (await app.app()).slug == sandbox.world.app.slug
    assert (await app.repository_installation(FULL_NAME)).id == installation_id
    assert [one.id for one in await app.installations()] == [installation_id]
    with pytest.raises(NotFound):
        await app.repository_installation("acme/nowhere")


@pytest.mark.parametrize("harm", [FaultKind.RESET, FaultKind.BAD_GATEWAY, FaultKind.SERVER_ERROR, FaultKind.UNAVAILABLE])
async def test_a_read_is_repeated_twice_and_no_more(github: InstallationClient, sandbox: Sandbox, waits: Waits, harm: FaultKind) -> None:
    sandbox.github.faults.add("GET", f"^{ROOT}$", harm, times=2)
    assert (await github.get(ROOT, Named)).full_name == FULL_NAME
    assert len(waits) == 2
    sandbox.github.faults.add("GET", f"^{ROOT}$", harm, times=3)
    with pytest.raises(Unavailable):
        await github.get(ROOT, Named)


@pytest.mark.parametrize("harm", [FaultKind.RESET_AFTER, FaultKind.BAD_GATEWAY_AFTER, FaultKind.BAD_GATEWAY])
async def test_a_write_is_sent_once(github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository, harm: FaultKind) -> None:
    issue = repository.open_issue("A question")
    sandbox.github.faults.add("POST", "/comments$", harm, times=9)
    with pytest.raises(Unavailable):
        await github.post(f"{ROOT}/issues/{issue.number}/comments", {"body": "once"}, Named)
    assert sum(exchange.path.endswith("/comments") for exchange in sandbox.log.exchanges) == 1


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        (FaultKind.NOT_FOUND, NotFound),
        (FaultKind.FORBIDDEN, GitHubRejected),
        (FaultKind.UNPROCESSABLE, GitHubRejected),
        (FaultKind.SECONDARY, RateLimited),
        (FaultKind.ABUSE, RateLimited),
        (FaultKind.TOO_MANY, RateLimited),
        (FaultKind.PRIMARY, RateLimited),
    ],
)
async def test_errors_are_ours(github: InstallationClient, sandbox: Sandbox, harm: FaultKind, error: type[Exception]) -> None:
    sandbox.github.faults.add("GET", f"^{ROOT}$", harm, retry_after=7)
    with pytest.raises(error) as raised:
        await github.get(ROOT, Named)
    if isinstance(raised.value, RateLimited):
        assert raised.value.retry_after is not None
        # A limit without a header lasts a minute. One with a time of day is read in whole seconds.
        assert raised.value.retry_after == 60 if harm is FaultKind.ABUSE else 5 <= raised.value.retry_after <= 8
    if isinstance(raised.value, GitHubRejected):
        assert raised.value.status in {403, 422}


async def test_all_pages_come(github: InstallationClient, repository: SandboxRepository) -> None:
    issue = repository.open_issue("Long")
    for number in range(230):
        repository.comment(issue.number, "octo-dev", f"no {number}")
    found = await github.pages(f"{ROOT}/issues/{issue.number}/comments", Named, 1000)
    assert len({one.id for one in found}) == 230
    assert len(await github.pages(f"{ROOT}/issues/{issue.number}/comments", Named, 120)) == 120


async def test_only_the_ends_of_a_log_are_kept_and_no_token_goes_along(github: InstallationClient, repository: SandboxRepository) -> None:
    pull = repository.open_pull_request("Change", {"a.py": "x = 1\n"})
    log = "".join(f"line {number}\n" for number in range(50_000))
    job = repository.add_failing_job(pull.head_sha, "tests", log)
    address = f"{ROOT}/actions/jobs/{job.id}/logs"
    ends = await github.ends(address, 700, 1000)
    head, _, tail = ends.partition(b"\n[the middle of the log was not read]\n")
    assert (len(head), len(tail)) == (700, 1000)
    assert head.startswith(b"line 0\n")
    assert tail.endswith(b"line 49999\n")
    assert await github.ends(address, 300_000, 300_000) == log.encode()


async def test_writes_are_paced() -> None:
    now, waits = [0.0], Waits()

    async def sleep(seconds: float) -> None:
        await waits(seconds)
        now[0] += seconds

    pace = ProcessPace(lambda: now[0], sleep, ((60.0, 3), (3600.0, 5)))
    for _ in range(6):
        await pace.turn(1)
    assert waits == [60.0, 3540.0]


@pytest.mark.parametrize(
    ("path", "now"),
    [
        ("/repos/acme/shop", "/repos/acme/store"),
        ("/repos/acme/shop/pulls/1", "/repos/acme/store/pulls/1"),
        ("/repos/acme/shopping/pulls/1", "/repos/acme/shopping/pulls/1"),
        ("/repositories/7", "/repositories/7"),
    ],
)
def test_a_path_uses_the_current_name(path: str, now: str) -> None:
    renamed = Renamed("acme/shop", "acme/store")
    assert renamed.path(path) == now
    assert renamed.variables({"owner": "acme", "name": "shop", "b0": "x"}) == {"owner": "acme", "name": "store", "b0": "x"}
    assert renamed.variables({"owner": "acme", "name": "other"}) == {"owner": "acme", "name": "other"}


async def test_a_long_list_returns_its_newest_and_counts_the_rest(github: InstallationClient, repository: SandboxRepository) -> None:
    issue = repository.open_issue("Long")
    path, ids = f"{ROOT}/issues/{issue.number}/comments", []
    for size in (0, 1, 100, 101, 230):
        ids += [repository.comment(issue.number, "octo-dev", "x").id for _ in range(size - len(ids))]
        for limit in (100, 120, 200, 300):
            newest = await github.newest(path, Named, limit)
            assert ([one.id for one in newest.items], newest.earlier) == (ids[-limit:], max(0, size - limit)), (size, limit)


def test_importing_the_client_does_not_import_githubkit() -> None:
    check = "import sys, app.github.github_app, app.github.publisher, app.github.pull_request; sys.exit('githubkit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
