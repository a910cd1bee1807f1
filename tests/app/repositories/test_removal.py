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


def left(system: House) -> list[str]:
    """Every remaining file except the lock that all mirrors share."""
    return sorted(path.name for path in system.root.rglob("*") if path.is_file() and path.name != "room.lock")


async def test_a_deleted_repository_leaves_no_file(system: House) -> None:
    other = system.sandbox.world.create_repository("acme/other", private=True)
    mirrors = system.mirrors()
    await outcome(mirrors, system, MirrorCommits(system.tip))
    async with mirrors.open(system.key_of(other), MirrorCommits(other.branches["main"]), system.rules):
        await forget_repositories(system.root, [system.repository.id])
        assert not system.folder().exists() and system.folder(other).exists()
        assert not [name for name in left(system) if name.startswith(str(system.repository.id))]
        # Also one in use: its job has lost its lease.
        await forget_installation(system.root, system.key.installation_id)
    assert left(system) == []


async def test_a_running_fetch_keeps_nothing_of_a_deleted_repository(system: House) -> None:
    system.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.SLOW, retry_after=0.6)
    fetching = asyncio.create_task(outcome(system.mirrors(), system, MirrorCommits(system.tip)))
    while not list(system.root.glob("*/*.new-*")):
        await asyncio.sleep(0.02)
    await forget_repositories(system.root, [system.repository.id])
    assert await fetching == STOPPED
    assert not system.folder().exists() and not list(system.root.glob("*/*.new-*"))


async def test_a_fetch_that_has_just_ended_keeps_nothing_either(system: House) -> None:
    @asynccontextmanager
    async def access(repository: MirroredRepository) -> AsyncIterator[GitRemote]:
        async with system.access(repository) as remote:
            yield remote
        await forget_repositories(system.root, [repository.repository_id])

    assert await outcome(Mirrors(system.root, access, system.options()), system, MirrorCommits(system.tip)) == STOPPED
    assert left(system) == []


async def test_an_expired_mirror_is_deleted(system: House, clock: Clock) -> None:
    mirrors, rules = system.mirrors(clock), replace(system.rules, retention_days=7)
    await outcome(mirrors, system, MirrorCommits(system.tip), rules)
    clock.pass_(6 * DAY)
    await outcome(mirrors, system, MirrorCommits(system.tip), rules)
    clock.pass_(6 * DAY)
    assert await sweep(system.root, clock()) == 0 and system.folder().exists()
    clock.pass_(2 * DAY)
    assert await sweep(system.root, clock()) == 1 and not system.folder().exists()


async def test_a_deletion_made_on_another_machine_reaches_this_one(system: House, clock: Clock) -> None:
    mirrors, number = system.mirrors(clock), system.repository.id
    await outcome(mirrors, system, MirrorCommits(system.tip))
    assert await sweep(system.root, clock(), RepositoriesWithMirrors(frozenset({number}), {number: clock() - 1})) == 0
    assert await sweep(system.root, clock(), RepositoriesWithMirrors(frozenset({number}), {number: clock() + 1})) == 1
    assert left(system) == []
    await outcome(mirrors, system, MirrorCommits(system.tip))
    assert await sweep(system.root, clock(), RepositoriesWithMirrors(frozenset(), {})) == 1
    assert left(system) == []


async def test_with_encrypted_transcripts_a_mirror_is_temporary(system: House) -> None:
    rules, commits = replace(system.rules, ephemeral=True), MirrorCommits(system.tip)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(system.mirrors().open(system.key, commits, rules))
        assert isinstance(await outcome(system.mirrors(), system, commits, rules), Mirror)
        assert system.folder().exists()
    assert not system.folder().exists()


async def test_a_caller_that_gave_up_leaves_no_mirror(system: House) -> None:
    system.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.SLOW, retry_after=5)
    await outcome(system.mirrors(wait_seconds=0.3), system, MirrorCommits(system.tip), replace(system.rules, ephemeral=True))
    assert not system.folder().exists() and not list(system.root.glob("*/*.new-*"))


async def test_remains_of_a_crash_are_swept(system: House, clock: Clock) -> None:
    await outcome(system.mirrors(clock), system, MirrorCommits(system.tip))
    place = next(iter(places_in(system.root)))
    place.write_notes(MirrorNotes(ephemeral=True))
    (place.new_folder() / "objects").mkdir()
    with try_lock(place.use, shared=True):  # type: ignore[union-attr]
        assert await sweep(system.root, clock()) == 0 and place.folder.exists()
    assert await sweep(system.root, clock()) == 1
    assert not place.folder.exists() and not list(system.root.glob("*/*.new-*"))


def start_fetching(system: House, remote: GitRemote) -> "subprocess.Popen[bytes]":
    words = (str(system.root), remote.url, remote.token, system.tip, str(system.key.installation_id), str(system.key.repository_id))
    return subprocess.Popen([sys.executable, "-m", "tests.app.repositories.fetching_process", *words], cwd=ROOT)


async def test_two_processes_fetch_once(system: House) -> None:
    system.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.SLOW, retry_after=1)
    async with system.access(system.key) as remote:
        processes = [start_fetching(system, remote) for _ in range(2)]
        assert [await asyncio.to_thread(process.wait, 20) for process in processes] == [0, 0]
    assert system.fetches() == [200] and system.folder().exists()


async def test_a_process_that_is_killed_frees_its_locks(system: House) -> None:
    """The killed one's git is still waiting for the server when the next fetch begins."""
    system.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.HANG)
    async with system.access(system.key) as remote:
        process = start_fetching(system, remote)
        try:
            while not system.sandbox.github.faults.waiting[0].hits:
                assert process.poll() is None
                await asyncio.sleep(0.02)
            place = next(iter(places_in(system.root)))
            assert try_lock(place.fetching) is None
        finally:
            process.kill()
            process.wait()
        assert list(system.root.glob("*/*.new-*"))
        assert isinstance(await outcome(system.mirrors(), system, MirrorCommits(system.tip)), Mirror)
        assert not list(system.root.glob("*/*.new-*"))


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
