"""Cached lists: an unchanged list counts against no rate limit, even after a change of tokens."""

from datetime import timedelta

from app.github.connection import RawResponse
from app.github.deliveries import list_missed
from app.github.github_app import GitHubApp, Timing
from app.github.list_cache import InstallationLists, ListCache
from app.github.open_pulls import repositories
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.webhook_sender import DeliveryMode
from app.sandbox.server import Sandbox

SWEEPS = 6


def counted(sandbox: Sandbox) -> int:
    """Requests that counted against a REST limit."""
    return sum(len(calls) for (actor, resource), calls in sandbox.github.meter.calls.items() if resource == "core" and actor != "anonymous")


async def test_an_unchanged_sweep_costs_no_rate_limit(sandbox: Sandbox, repository: SandboxRepository) -> None:
    """Until the token changes, because ETags differ per token."""
    ours, later = sandbox.world.app, [0.0]
    now = sandbox.world.now
    sandbox.world.client_clock, sandbox.world.now = now, lambda: now() + timedelta(seconds=later[0])
    app = GitHubApp(sandbox.api_url, ours.id, ours.private_key, Timing(clock=lambda: sandbox.world.now().timestamp()))
    installation = sandbox.world.installation_of(repository)
    assert installation is not None
    sandbox.github.webhook_sender.mode = DeliveryMode.FAIL
    repository.open_issue("Carts are slow")

    async def sweep() -> int:
        before = counted(sandbox)
        async with app.as_app() as github:
            assert [attempt.event for attempt in await list_missed(github, 0.0)] == ["issues"]
        async with app.installation(installation.id) as github:
            assert [each.full_name for each in await repositories(github)] == ["acme/shop"]
        assert len(await app.installations()) == 1
        return counted(sandbox) - before

    costs = [await sweep() for _ in range(SWEEPS)]
    # The first sweep reads all three lists and creates the token.
    assert costs == [4, *[0] * (SWEEPS - 1)]
    # After an hour the installation's token and the App's signature differ: each list is read in full again.
    later[0] = 3_600.0
    assert [await sweep() for _ in range(SWEEPS)] == [4, *[0] * (SWEEPS - 1)]
    listed = [exchange for exchange in sandbox.log.exchanges if exchange.method == "GET" and exchange.status != 401]
    assert (len(listed), sum(each.status == 304 for each in listed)) == (6 * SWEEPS, 6 * SWEEPS - 6)
    # A changed list is read.
    sandbox.world.create_repository("acme/second")
    async with app.installation(installation.id) as github:
        assert [each.full_name for each in await repositories(github)] == ["acme/shop", "acme/second"]


async def test_installations_do_not_share_the_cache(sandbox: Sandbox, app: GitHubApp, repository: SandboxRepository) -> None:
    sandbox.world.create_repository("other/vault")
    found = []
    for number in list(sandbox.world.installations):
        async with app.installation(number) as github:
            found += [each.full_name for each in (*await repositories(github), *await repositories(github))]
    assert found == ["acme/shop", "acme/shop", "other/vault", "other/vault"]


def test_the_cache_is_bounded() -> None:
    cache = ListCache(most_bytes=1_000)
    key = (1, "/list", ())
    cache.keep(key, RawResponse(b"x" * 300, "", "W/large"))
    assert cache.find(key) is None
    for page in range(20):
        cache.keep((1, "/list", (("page", str(page)),)), RawResponse(b"x" * 200, "", f"W/{page}"))
    kept = [page for page in range(20) if cache.find((1, "/list", (("page", str(page)),)))]
    assert kept == [15, 16, 17, 18, 19]
    cache.keep((1, "/list", (("page", "19"),)), RawResponse(b"y", "", ""))
    assert cache.find((1, "/list", (("page", "19"),))) is None
    assert InstallationLists(cache).installation_id == 0
