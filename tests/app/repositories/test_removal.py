"""When mirrors are deleted: with their repository, when they expire, and after use if they are only kept during it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.git.fetching import GitRemote
from app.repositories.file_lock import try_lock
from app.repositories.mirror_place import MirrorNotes, MirrorPlace, places_in
from app.repositories.mirror_request import MirrorCommits, MirroredRepository
from app.repositories.mirrors import Mirror, Mirrors
from app.repositories.refusals import STOPPED
from app.repositories.removal import RepositoriesWithMirrors, forget_installation, forget_repositories, sweep
from app.sandbox.faults import FaultKind
from tests.app.repositories.conftest import House, outcome
from tests.conftest import Clock

DAY = 24 * 3600.0
ROOT = Path(__file__).parents[3]


def left(house: House) -> list[str]:
    """Every remaining file except the lock that all mirrors share."""
    return sorted(path.name for path in house.root.rglob("*") if path.is_file() and path.name != "room.lock")


async def test_a_deleted_repository_leaves_no_file(house: House) -> None:
    other = house.sandbox.world.create_repository("acme/other", private=True)
    mirrors = house.mirrors()
    await outcome(mirrors, house, MirrorCommits(house.tip))
    async with mirrors.open(house.key_of(other), MirrorCommits(other.branches["main"]), house.rules):
        await forget_repositories(house.root, [house.repository.id])
        assert not house.folder().exists() and house.folder(other).exists()
        assert not [name for name in left(house) if name.startswith(str(house.repository.id))]
        # Also one in use: its job has lost its lease.
        await forget_installation(house.root, house.key.installation_id)
    assert left(house) == []


async def test_a_running_fetch_keeps_nothing_of_a_deleted_repository(house: House) -> None:
    house.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.SLOW, retry_after=0.6)
    fetching = asyncio.create_task(outcome(house.mirrors(), house, MirrorCommits(house.tip)))
    while not list(house.root.glob("*/*.new-*")):
        await asyncio.sleep(0.02)
    await forget_repositories(house.root, [house.repository.id])
    assert await fetching == STOPPED
    assert not house.folder().exists() and not list(house.root.glob("*/*.new-*"))


async def test_a_fetch_that_has_just_ended_keeps_nothing_either(house: House) -> None:
    @asynccontextmanager
    async def access(repository: MirroredRepository) -> AsyncIterator[GitRemote]:
        async with house.access(repository) as remote:
            yield remote
        await forget_repositories(house.root, [repository.repository_id])

    assert await outcome(Mirrors(house.root, access, house.options()), house, MirrorCommits(house.tip)) == STOPPED
    assert left(house) == []


async def test_an_expired_mirror_is_deleted(house: House, clock: Clock) -> None:
    mirrors, rules = house.mirrors(clock), replace(house.rules, retention_days=7)
    await outcome(mirrors, house, MirrorCommits(house.tip), rules)
    clock.pass_(6 * DAY)
    await outcome(mirrors, house, MirrorCommits(house.tip), rules)
    clock.pass_(6 * DAY)
    assert await sweep(house.root, clock()) == 0 and house.folder().exists()
    clock.pass_(2 * DAY)
    assert await sweep(house.root, clock()) == 1 and not house.folder().exists()


async def test_a_deletion_made_on_another_machine_reaches_this_one(house: House, clock: Clock) -> None:
    mirrors, number = house.mirrors(clock), house.repository.id
    await outcome(mirrors, house, MirrorCommits(house.tip))
    assert await sweep(house.root, clock(), RepositoriesWithMirrors(frozenset({number}), {number: clock() - 1})) == 0
    assert await sweep(house.root, clock(), RepositoriesWithMirrors(frozenset({number}), {number: clock() + 1})) == 1
    assert left(house) == []
    await outcome(mirrors, house, MirrorCommits(house.tip))
    assert await sweep(house.root, clock(), RepositoriesWithMirrors(frozenset(), {})) == 1
    assert left(house) == []


async def test_with_encrypted_transcripts_a_mirror_is_temporary(house: House) -> None:
    rules, commits = replace(house.rules, ephemeral=True), MirrorCommits(house.tip)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(house.mirrors().open(house.key, commits, rules))
        assert isinstance(await outcome(house.mirrors(), house, commits, rules), Mirror)
        assert house.folder().exists()
    assert not house.folder().exists()


async def test_a_caller_that_gave_up_leaves_no_mirror(house: House) -> None:
    house.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.SLOW, retry_after=5)
    await outcome(house.mirrors(wait_seconds=0.3), house, MirrorCommits(house.tip), replace(house.rules, ephemeral=True))
    assert not house.folder().exists() and not list(house.root.glob("*/*.new-*"))


async def test_remains_of_a_crash_are_swept(house: House, clock: Clock) -> None:
    await outcome(house.mirrors(clock), house, MirrorCommits(house.tip))
    place = next(iter(places_in(house.root)))
    place.write_notes(MirrorNotes(ephemeral=True))
    (place.new_folder() / "objects").mkdir()
    with try_lock(place.use, shared=True):  # type: ignore[union-attr]
        assert await sweep(house.root, clock()) == 0 and place.folder.exists()
    assert await sweep(house.root, clock()) == 1
    assert not place.folder.exists() and not list(house.root.glob("*/*.new-*"))


def start_fetching(house: House, remote: GitRemote) -> "subprocess.Popen[bytes]":
    words = (str(house.root), remote.url, remote.token, house.tip, str(house.key.installation_id), str(house.key.repository_id))
    return subprocess.Popen([sys.executable, "-m", "tests.app.repositories.fetching_process", *words], cwd=ROOT)


async def test_two_processes_fetch_once(house: House) -> None:
    house.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.SLOW, retry_after=1)
    async with house.access(house.key) as remote:
        processes = [start_fetching(house, remote) for _ in range(2)]
        assert [await asyncio.to_thread(process.wait, 20) for process in processes] == [0, 0]
    assert house.fetches() == [200] and house.folder().exists()


async def test_a_process_that_is_killed_frees_its_locks(house: House) -> None:
    """The killed one's git is still waiting for the server when the next fetch begins."""
    house.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.HANG)
    async with house.access(house.key) as remote:
        process = start_fetching(house, remote)
        try:
            while not house.sandbox.github.faults.waiting[0].hits:
                assert process.poll() is None
                await asyncio.sleep(0.02)
            place = next(iter(places_in(house.root)))
            assert try_lock(place.fetching) is None
        finally:
            process.kill()
            process.wait()
        assert list(house.root.glob("*/*.new-*"))
        assert isinstance(await outcome(house.mirrors(), house, MirrorCommits(house.tip)), Mirror)
        assert not list(house.root.glob("*/*.new-*"))


def test_children_do_not_inherit_a_lock(tmp_path: Path) -> None:
    held = try_lock(tmp_path / "lock")
    assert held is not None
    child = subprocess.Popen(["sleep", "30"], close_fds=False)
    held.release()
    try:
        assert try_lock(tmp_path / "lock") is not None
    finally:
        child.kill()
        child.wait()


def test_a_lock_on_a_deleted_file_excludes_nobody(tmp_path: Path) -> None:
    first = try_lock(tmp_path / "lock")
    assert first is not None and first.is_current()
    (tmp_path / "lock").unlink()
    second = try_lock(tmp_path / "lock")
    assert second is not None and second.is_current() and not first.is_current()
    assert try_lock(tmp_path / "lock") is None


@given(st.integers(), st.integers())
def test_a_mirror_is_below_its_root(installation: int, repository: int) -> None:
    place = MirrorPlace(Path("/data/mirrors"), installation, repository)
    assert place.folder.parent.parent == Path("/data/mirrors") and ".." not in place.folder.parts


@pytest.mark.parametrize("sha", ["", "../../config", "HEAD", "a" * 39, "A" * 40, "a" * 40 + "\n"])
async def test_only_a_full_id_names_a_commit(tmp_path: Path, sha: str) -> None:
    place = MirrorPlace(tmp_path, 1, 2)
    (place.folder / "refs/commits").mkdir(parents=True)
    (place.folder / "config").write_text("")
    assert not place.has(sha)
