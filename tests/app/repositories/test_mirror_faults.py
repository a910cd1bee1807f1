"""Every failure of a fetch is reported in words, leaves nothing behind, and does not block the next fetch."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path

import pytest

from app.errors import CouncilError, Unavailable
from app.git.fetching import FetchFailed, GitRemote
from app.repositories.mirror_request import MirrorCommits, MirroredRepository
from app.repositories.mirrors import Mirror, Mirrors
from app.repositories.refusals import NoMirror, reason_of
from app.sandbox.faults import FaultKind
from tests.app.git.repositories import git
from tests.app.repositories.conftest import House, outcome
from tests.app.repositories.test_mirrors import rests
from tests.conftest import Clock

FORBIDDEN = "Council may not read its contents on GitHub"
BROKEN = "the received data was damaged"
REFUSED = NoMirror("GitHub refused the token")
CUT = "the connection was lost"


@pytest.mark.parametrize(
    ("method", "path", "harm", "reason"),
    [
        ("GET", "info/refs", FaultKind.RESET, CUT),
        ("POST", "git-upload-pack", FaultKind.RESET, CUT),
        ("POST", "git-upload-pack", FaultKind.RESET_AFTER, CUT),
        ("GET", "info/refs", FaultKind.UNAVAILABLE, CUT),
        ("GET", "info/refs", FaultKind.NOT_FOUND, FORBIDDEN),
        ("POST", "git-upload-pack", FaultKind.FORBIDDEN, FORBIDDEN),
        ("GET", "info/refs", FaultKind.UNAUTHORIZED, "GitHub refused the token"),
        ("POST", "git-upload-pack", FaultKind.TOO_MANY, "GitHub's rate limit was reached"),
        ("POST", "git-upload-pack", FaultKind.CORRUPT, BROKEN),
        ("POST", "git-upload-pack", FaultKind.WRONG_OBJECT, BROKEN),
        ("POST", "git-upload-pack", FaultKind.LONE_COMMIT, BROKEN),
        ("POST", "access_tokens", FaultKind.FORBIDDEN, FORBIDDEN),
        ("POST", "access_tokens", FaultKind.NOT_FOUND, FORBIDDEN),
    ],
)
@pytest.mark.parametrize("first", [True, pytest.param(False, marks=pytest.mark.slow)])
async def test_a_network_fault_is_reported_in_words(
    system: House, method: str, path: str, harm: FaultKind, reason: str, first: bool
) -> None:
    old = system.tip
    if not first:
        await outcome(system.mirrors(), system, MirrorCommits(old))
    system.repository.push_branch("main", {"a.py": "a = 2\n"})
    commits = MirrorCommits(system.tip)
    # Git itself tries again if a reused connection is reset.
    fault = system.sandbox.github.faults.add(method, path, harm, times=2 if harm is FaultKind.RESET and method == "POST" else 1)
    assert await outcome(system.mirrors(), system, commits) == NoMirror(reason)
    assert fault.hits == fault.times and rests(system) == []
    assert all(token not in system.sandbox.github.authenticator.tokens for token in system.tokens)
    if first:
        assert not system.folder().exists()
    assert isinstance(await outcome(system.mirrors(), system, commits), Mirror)
    assert git(system.folder(), "show", f"{system.tip}:a.py") == "a = 2"


@pytest.mark.parametrize("harm", [FaultKind.RESET_AFTER, FaultKind.CORRUPT, FaultKind.LONE_COMMIT])
async def test_an_existing_mirror_survives_a_bad_pack(system: House, harm: FaultKind) -> None:
    old, mirrors = MirrorCommits(system.tip), system.mirrors()
    async with mirrors.open(system.key, old, system.rules):
        system.repository.push_branch("main", {"a.py": "a = 2\n"})
        system.sandbox.github.faults.add("POST", "git-upload-pack", harm)
        assert isinstance(await outcome(mirrors, system, MirrorCommits(system.tip)), NoMirror)
        assert git(system.folder(), "show", f"{old.head_sha}:a.py") == "a = 1"
        git(system.folder(), "fsck")
    assert isinstance(await outcome(mirrors, system, MirrorCommits(system.tip)), Mirror)


async def test_an_endless_pack_is_cut_off_and_not_tried_again_that_day(system: House, clock: Clock) -> None:
    system.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.HUGE, times=2)
    mirrors, commits, rules = system.mirrors(clock), MirrorCommits(system.tip), replace(system.rules, max_mb=2)
    too_large = NoMirror("it is larger than the limit for mirrors (mirror.max_mb, MIRRORS_MB)")
    assert await outcome(mirrors, system, commits, rules) == too_large
    assert rests(system) == [] and sum(path.stat().st_size for path in system.root.rglob("*")) < 100_000
    system.sandbox.log.clear()
    assert await outcome(mirrors, system, commits, rules) == too_large
    assert system.sandbox.log.exchanges == []
    clock.pass_(25 * 3600)
    assert await outcome(mirrors, system, commits, rules) == too_large and len(system.fetches()) == 1
    # Another cap is another question.
    assert isinstance(await outcome(mirrors, system, commits, replace(rules, max_mb=3)), Mirror)


async def test_a_silent_server_is_not_retried_for_an_hour(system: House, clock: Clock) -> None:
    system.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.HANG)
    mirrors, commits = system.mirrors(clock, fetch_seconds=0.5), MirrorCommits(system.tip)
    assert await outcome(mirrors, system, commits) == NoMirror("the fetch took too long")
    assert await outcome(mirrors, system, commits) == NoMirror("the fetch took too long")
    clock.pass_(3601)
    assert isinstance(await outcome(mirrors, system, commits), Mirror)


async def test_a_wrong_token_is_refused(system: House) -> None:
    @asynccontextmanager
    async def wrong(repository: MirroredRepository) -> AsyncIterator[GitRemote]:
        yield GitRemote(f"{system.sandbox.web_url}/acme/shop.git", "ghs_wrong")

    assert await outcome(Mirrors(system.root, wrong, system.options()), system, MirrorCommits(system.tip)) == NoMirror(
        "GitHub refused the token"
    )


async def test_without_the_permission_there_is_no_mirror(system: House) -> None:
    world = system.sandbox.world
    key = system.key
    del world.installations[key.installation_id].permissions["contents"]
    assert await outcome(system.mirrors(), system, MirrorCommits(system.tip)) == NoMirror(FORBIDDEN)
    world.suspend(key.installation_id)
    assert await outcome(system.mirrors(), system, MirrorCommits(system.tip)) == NoMirror(FORBIDDEN)
    world.uninstall(key.installation_id)
    async with system.mirrors().open(key, MirrorCommits(system.tip), system.rules) as opened:
        assert opened == NoMirror(FORBIDDEN)


async def test_a_planted_git_folder_is_refused(system: House) -> None:
    system.repository.push_branch("main", {".git/config": "[core]\n\tfsmonitor = touch /tmp/ran\n"})
    assert await outcome(system.mirrors(), system, MirrorCommits(system.tip)) == NoMirror(BROKEN)
    assert not system.folder().exists()


async def test_without_git_a_review_goes_on(system: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    await outcome(system.mirrors(), system, MirrorCommits(system.tip))
    system.repository.push_branch("main", {"a.py": "a = 2\n"})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await outcome(system.mirrors(), system, MirrorCommits(system.tip)) == NoMirror("git is not installed on this server")


async def test_a_read_only_folder_is_reported(system: House) -> None:
    system.root.write_text("not a folder")
    opened = await outcome(system.mirrors(), system, MirrorCommits(system.tip))
    assert isinstance(opened, NoMirror) and opened.reason.startswith("the mirror's folder cannot be used (")


async def test_a_damaged_mirror_is_fetched_from_the_beginning(system: House) -> None:
    mirrors = system.mirrors()
    await outcome(mirrors, system, MirrorCommits(system.tip))
    for path in (system.folder() / "objects/pack").glob("*.pack"):
        path.chmod(0o600)
        path.write_bytes(b"")
    system.repository.push_branch("main", {"a.py": "a = 2\n"})
    assert isinstance(await outcome(mirrors, system, MirrorCommits(system.tip)), Mirror)
    assert git(system.folder(), "show", f"{system.tip}:docs/guide.md") == "# Guide"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(ENOSPC, os.strerror(ENOSPC)), "the disk is full"),
        (Unavailable("x could not be fetched: write error: No space left on device"), "the disk is full"),
        (Unavailable("GitHub did not answer: POST /x (ConnectError)"), CUT),
        (FetchFailed("x", "error: RPC failed; curl 18 transfer closed\nerror: 429 bytes of body are still expected"), CUT),
        (FetchFailed("x", "fatal: The requested URL returned error: 429"), "GitHub's rate limit was reached"),
        (Unavailable("something else"), "GitHub could not be reached"),
    ],
)
def test_other_errors_have_words_too(error: CouncilError | OSError, reason: str) -> None:
    assert reason_of(error) == NoMirror(reason)
