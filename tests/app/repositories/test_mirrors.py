"""Mirrors over the sandbox's wire: what is fetched, when, under which name, and by whom."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from app.git.fetching import GitRemote
from app.repositories.mirror_request import MirrorCommits, MirroredRepository
from app.repositories.mirrors import Mirror, Mirrors
from app.repositories.refusals import NOT_READY, OFF_HERE, OFF_THERE, NoMirror
from app.sandbox.faults import FaultKind
from tests.app.git.repositories import git
from tests.app.repositories.conftest import FILES, House, files_at, outcome


def packs(folder: Path) -> list[Path]:
    return sorted((folder / "objects/pack").glob("*.idx"), key=lambda path: path.stat().st_mtime_ns)


def rests(system: House) -> list[str]:
    """Leftovers that no mirror needs."""
    known = (".use", ".fetch", ".json")
    return [path.name for path in system.root.glob("*/*") if "." in path.name and not path.name.endswith(known)]


async def test_a_commit_is_fetched_by_its_id_with_a_revoked_token(system: House) -> None:
    commits = MirrorCommits(system.tip)
    opened = await outcome(system.mirrors(), system, commits)
    assert opened == Mirror(system.folder(), commits)
    assert files_at(system.folder(), system.tip) == sorted(FILES)
    assert git(system.folder(), "show", f"{system.tip}:src/deep/b.py") == "b = 2"
    (token,) = system.tokens
    assert token not in system.sandbox.github.authenticator.tokens
    assert not any(token in path.read_text(errors="replace") for path in system.root.rglob("*") if path.is_file())
    assert system.sandbox.web_url not in (system.folder() / "config").read_text()
    assert system.fetches() == [200] and rests(system) == []


async def test_a_failed_revocation_delays_nobody(system: House) -> None:
    system.sandbox.github.faults.add("DELETE", "/installation/token", FaultKind.HANG)
    assert isinstance(await outcome(system.mirrors(), system, MirrorCommits(system.tip)), Mirror)


async def test_a_mirror_with_the_commit_sends_no_request(system: House) -> None:
    mirrors, commits = system.mirrors(), MirrorCommits(system.tip)
    await outcome(mirrors, system, commits)
    system.sandbox.log.clear()
    assert isinstance(await outcome(system.mirrors(), system, commits), Mirror)
    assert system.sandbox.log.exchanges == []


async def test_the_next_commit_brings_only_what_changed(system: House) -> None:
    mirrors, first = system.mirrors(), system.tip
    system.repository.push_branch("main", {f"many/{number}.py": f"n = {number}\n" for number in range(300)})
    await outcome(mirrors, system, MirrorCommits(system.tip))
    system.repository.push_branch("main", {"src/deep/b.py": "b = 3\n"})
    await outcome(mirrors, system, MirrorCommits(system.tip))
    _, new = packs(system.folder())
    names = git(system.folder(), "show-index", given=new.read_bytes()).splitlines()
    # A commit, three trees, a blob, and at most as many as bases of deltas.
    assert 5 <= len(names) <= 10
    assert git(system.folder(), "show", f"{system.tip}:src/deep/b.py") == "b = 3"
    assert git(system.folder(), "show", f"{system.tip}:many/299.py") == "n = 299"
    git(system.folder(), "fsck", "--connectivity-only")
    assert system.repository.commits[system.tip].parents != (first,)


async def test_a_forks_head_is_fetched_by_the_pull_request(system: House) -> None:
    """The base is fetched by its id."""
    pull = system.repository.open_pull_request("Change it", {"a.py": "a = 2\n"}, "mia", fork=True)
    system.repository.push_branch("main", {"a.py": "a = 9\n"})
    commits = MirrorCommits(pull.head_sha, system.tip, pull.number)
    assert isinstance(await outcome(system.mirrors(), system, commits), Mirror)
    assert git(system.folder(), "show", f"{pull.head_sha}:a.py") == "a = 2"
    assert git(system.folder(), "show", f"{system.tip}:a.py") == "a = 9"
    asked = [exchange.summary for exchange in system.sandbox.log.exchanges if exchange.operation == "git_upload_pack"]
    assert any(f"ref-prefix refs/pull/{pull.number}/head" in words for words in asked) and len(asked) == 2


async def test_an_overwritten_head_is_fetched_by_its_id(system: House) -> None:
    pull = system.repository.open_pull_request("Change it", {"a.py": "a = 2\n"}, "mia", fork=True)
    old = pull.head_sha
    system.repository.force_push(pull.number, system.repository.commit({"a.py": b"a = 3\n"}, (system.tip,), "Again", "mia").sha)
    mirrors = system.mirrors()
    assert isinstance(await outcome(mirrors, system, MirrorCommits(old, system.tip, pull.number)), Mirror)
    assert git(system.folder(), "show", f"{old}:a.py") == "a = 2"
    assert isinstance(await outcome(mirrors, system, MirrorCommits(pull.head_sha, system.tip, pull.number)), Mirror)
    assert git(system.folder(), "show", f"{pull.head_sha}:a.py") == "a = 3"


async def test_a_pull_request_whose_ref_is_gone_is_fetched_by_its_head(system: House) -> None:
    assert isinstance(await outcome(system.mirrors(), system, MirrorCommits(system.tip, pull_number=404)), Mirror)


async def test_an_unknown_commit_is_reported(system: House) -> None:
    opened = await outcome(system.mirrors(), system, MirrorCommits("0" * 39 + "1"))
    assert opened == NoMirror("GitHub no longer has the commit")
    assert not system.folder().exists() and rests(system) == []


async def test_a_renamed_repository_is_fetched_under_its_new_name(system: House) -> None:
    mirrors = system.mirrors()
    await outcome(mirrors, system, MirrorCommits(system.tip))
    system.sandbox.world.rename("acme/shop", "acme/store")
    system.repository.push_branch("main", {"a.py": "a = 2\n"})
    assert isinstance(await outcome(mirrors, system, MirrorCommits(system.tip)), Mirror)
    assert 301 not in system.fetches() and system.sandbox.log.exchanges[-2].path.startswith("/acme/store.git/")


async def test_no_redirect_is_followed(system: House) -> None:
    system.sandbox.world.rename("acme/shop", "acme/store")

    @asynccontextmanager
    async def old_name(repository: MirroredRepository) -> AsyncIterator[GitRemote]:
        async with system.access(repository) as remote:
            yield replace(remote, url=f"{system.sandbox.web_url}/acme/shop.git")

    mirrors = Mirrors(system.root, old_name, system.options())
    assert await outcome(mirrors, system, MirrorCommits(system.tip)) == NoMirror("it was renamed in the meantime")


async def test_files_above_a_megabyte_are_not_fetched(system: House) -> None:
    system.repository.push_branch("main", {"large.bin": b"\1" * 1_100_000, "small.bin": b"\1" * 1_000_000})
    assert isinstance(await outcome(system.mirrors(), system, MirrorCommits(system.tip)), Mirror)
    sizes = git(system.folder(), "cat-file", "--batch-check=%(objecttype) %(objectsize)", given=f"{system.tip}:large.bin\n".encode())
    assert sizes.endswith("missing")
    assert git(system.folder(), "cat-file", "-s", f"{system.tip}:small.bin") == "1000000"


async def test_two_requests_for_one_commit_fetch_it_once(system: House) -> None:
    """Each has separate locks, like two processes."""
    commits = MirrorCommits(system.tip)
    opened = await asyncio.gather(*(outcome(system.mirrors(), system, commits) for _ in range(4)))
    assert opened == [Mirror(system.folder(), commits)] * 4
    assert system.fetches() == [200]


async def test_a_slow_fetch_finishes_in_the_background(system: House) -> None:
    """The caller stops waiting for it."""
    await outcome(system.mirrors(), system, MirrorCommits(system.tip))
    system.repository.push_branch("main", {"a.py": "a = 2\n"})
    slow = system.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.SLOW, retry_after=1)
    mirrors, commits = system.mirrors(wait_seconds=0.5), MirrorCommits(system.tip)
    assert await outcome(mirrors, system, commits) == NOT_READY
    assert slow.hits == 1
    assert isinstance(await outcome(system.mirrors(), system, commits), Mirror)
    assert system.fetches() == [200, 200] and len(system.tokens) == 2


async def test_closing_ends_running_fetches(system: House) -> None:
    system.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.HANG)
    mirrors = system.mirrors(wait_seconds=0.6)
    assert await outcome(mirrors, system, MirrorCommits(system.tip)) == NOT_READY
    await mirrors.close()
    assert rests(system) == []
    assert isinstance(await outcome(system.mirrors(), system, MirrorCommits(system.tip)), Mirror)


async def test_server_and_repository_can_turn_mirrors_off(system: House) -> None:
    commits = MirrorCommits(system.tip)
    assert await outcome(system.mirrors(enabled=False), system, commits) == OFF_HERE
    assert await outcome(system.mirrors(), system, commits, replace(system.rules, enabled=False)) == OFF_THERE
    assert system.sandbox.log.exchanges == [] and not system.root.exists()
