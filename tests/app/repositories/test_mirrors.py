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


def rests(house: House) -> list[str]:
    """Leftovers that no mirror needs."""
    known = (".use", ".fetch", ".json")
    return [path.name for path in house.root.glob("*/*") if "." in path.name and not path.name.endswith(known)]


async def test_a_commit_is_fetched_by_its_id_with_a_revoked_token(house: House) -> None:
    commits = MirrorCommits(house.tip)
    opened = await outcome(house.mirrors(), house, commits)
    assert opened == Mirror(house.folder(), commits)
    assert files_at(house.folder(), house.tip) == sorted(FILES)
    assert git(house.folder(), "show", f"{house.tip}:src/deep/b.py") == "b = 2"
    (token,) = house.tokens
    assert token not in house.sandbox.github.door.tokens
    assert not any(token in path.read_text(errors="replace") for path in house.root.rglob("*") if path.is_file())
    assert house.sandbox.web_url not in (house.folder() / "config").read_text()
    assert house.fetches() == [200] and rests(house) == []


async def test_a_failed_revocation_delays_nobody(house: House) -> None:
    house.sandbox.github.faults.add("DELETE", "/installation/token", FaultKind.HANG)
    assert isinstance(await outcome(house.mirrors(), house, MirrorCommits(house.tip)), Mirror)


async def test_a_mirror_with_the_commit_sends_no_request(house: House) -> None:
    mirrors, commits = house.mirrors(), MirrorCommits(house.tip)
    await outcome(mirrors, house, commits)
    house.sandbox.log.clear()
    assert isinstance(await outcome(house.mirrors(), house, commits), Mirror)
    assert house.sandbox.log.exchanges == []


async def test_the_next_commit_brings_only_what_changed(house: House) -> None:
    mirrors, first = house.mirrors(), house.tip
    house.repository.push_branch("main", {f"many/{number}.py": f"n = {number}\n" for number in range(300)})
    await outcome(mirrors, house, MirrorCommits(house.tip))
    house.repository.push_branch("main", {"src/deep/b.py": "b = 3\n"})
    await outcome(mirrors, house, MirrorCommits(house.tip))
    _, new = packs(house.folder())
    names = git(house.folder(), "show-index", given=new.read_bytes()).splitlines()
    # A commit, three trees, a blob, and at most as many as bases of deltas.
    assert 5 <= len(names) <= 10
    assert git(house.folder(), "show", f"{house.tip}:src/deep/b.py") == "b = 3"
    assert git(house.folder(), "show", f"{house.tip}:many/299.py") == "n = 299"
    git(house.folder(), "fsck", "--connectivity-only")
    assert house.repository.commits[house.tip].parents != (first,)


async def test_a_forks_head_is_fetched_by_the_pull_request(house: House) -> None:
    """The base is fetched by its id."""
    pull = house.repository.open_pull_request("Change it", {"a.py": "a = 2\n"}, "mia", fork=True)
    house.repository.push_branch("main", {"a.py": "a = 9\n"})
    commits = MirrorCommits(pull.head_sha, house.tip, pull.number)
    assert isinstance(await outcome(house.mirrors(), house, commits), Mirror)
    assert git(house.folder(), "show", f"{pull.head_sha}:a.py") == "a = 2"
    assert git(house.folder(), "show", f"{house.tip}:a.py") == "a = 9"
    asked = [each.summary for each in house.sandbox.log.exchanges if each.operation == "git_upload_pack"]
    assert any(f"ref-prefix refs/pull/{pull.number}/head" in words for words in asked) and len(asked) == 2


async def test_an_overwritten_head_is_fetched_by_its_id(house: House) -> None:
    pull = house.repository.open_pull_request("Change it", {"a.py": "a = 2\n"}, "mia", fork=True)
    old = pull.head_sha
    house.repository.force_push(pull.number, house.repository.commit({"a.py": b"a = 3\n"}, (house.tip,), "Again", "mia").sha)
    mirrors = house.mirrors()
    assert isinstance(await outcome(mirrors, house, MirrorCommits(old, house.tip, pull.number)), Mirror)
    assert git(house.folder(), "show", f"{old}:a.py") == "a = 2"
    assert isinstance(await outcome(mirrors, house, MirrorCommits(pull.head_sha, house.tip, pull.number)), Mirror)
    assert git(house.folder(), "show", f"{pull.head_sha}:a.py") == "a = 3"


async def test_a_pull_request_whose_ref_is_gone_is_fetched_by_its_head(house: House) -> None:
    assert isinstance(await outcome(house.mirrors(), house, MirrorCommits(house.tip, pull_number=404)), Mirror)


async def test_an_unknown_commit_is_reported(house: House) -> None:
    opened = await outcome(house.mirrors(), house, MirrorCommits("0" * 39 + "1"))
    assert opened == NoMirror("GitHub no longer has the commit")
    assert not house.folder().exists() and rests(house) == []


async def test_a_renamed_repository_is_fetched_under_its_new_name(house: House) -> None:
    mirrors = house.mirrors()
    await outcome(mirrors, house, MirrorCommits(house.tip))
    house.sandbox.world.rename("acme/shop", "acme/store")
    house.repository.push_branch("main", {"a.py": "a = 2\n"})
    assert isinstance(await outcome(mirrors, house, MirrorCommits(house.tip)), Mirror)
    assert 301 not in house.fetches() and house.sandbox.log.exchanges[-2].path.startswith("/acme/store.git/")


async def test_no_redirect_is_followed(house: House) -> None:
    house.sandbox.world.rename("acme/shop", "acme/store")

    @asynccontextmanager
    async def old_name(repository: MirroredRepository) -> AsyncIterator[GitRemote]:
        async with house.access(repository) as remote:
            yield replace(remote, url=f"{house.sandbox.web_url}/acme/shop.git")

    mirrors = Mirrors(house.root, old_name, house.options())
    assert await outcome(mirrors, house, MirrorCommits(house.tip)) == NoMirror("it was renamed in the meantime")


async def test_files_above_a_megabyte_are_not_fetched(house: House) -> None:
    house.repository.push_branch("main", {"large.bin": b"\1" * 1_100_000, "small.bin": b"\1" * 1_000_000})
    assert isinstance(await outcome(house.mirrors(), house, MirrorCommits(house.tip)), Mirror)
    sizes = git(house.folder(), "cat-file", "--batch-check=%(objecttype) %(objectsize)", given=f"{house.tip}:large.bin\n".encode())
    assert sizes.endswith("missing")
    assert git(house.folder(), "cat-file", "-s", f"{house.tip}:small.bin") == "1000000"


async def test_two_requests_for_one_commit_fetch_it_once(house: House) -> None:
    """Each has separate locks, like two processes."""
    commits = MirrorCommits(house.tip)
    opened = await asyncio.gather(*(outcome(house.mirrors(), house, commits) for _ in range(4)))
    assert opened == [Mirror(house.folder(), commits)] * 4
    assert house.fetches() == [200]


async def test_a_slow_fetch_finishes_in_the_background(house: House) -> None:
    """The caller stops waiting for it."""
    await outcome(house.mirrors(), house, MirrorCommits(house.tip))
    house.repository.push_branch("main", {"a.py": "a = 2\n"})
    slow = house.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.SLOW, retry_after=1)
    mirrors, commits = house.mirrors(wait_seconds=0.5), MirrorCommits(house.tip)
    assert await outcome(mirrors, house, commits) == NOT_READY
    assert slow.hits == 1
    assert isinstance(await outcome(house.mirrors(), house, commits), Mirror)
    assert house.fetches() == [200, 200] and len(house.tokens) == 2


async def test_closing_ends_running_fetches(house: House) -> None:
    house.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.HANG)
    mirrors = house.mirrors(wait_seconds=0.6)
    assert await outcome(mirrors, house, MirrorCommits(house.tip)) == NOT_READY
    await mirrors.close()
    assert rests(house) == []
    assert isinstance(await outcome(house.mirrors(), house, MirrorCommits(house.tip)), Mirror)


async def test_server_and_repository_can_turn_mirrors_off(house: House) -> None:
    commits = MirrorCommits(house.tip)
    assert await outcome(house.mirrors(enabled=False), house, commits) == OFF_HERE
    assert await outcome(house.mirrors(), house, commits, replace(house.rules, enabled=False)) == OFF_THERE
    assert house.sandbox.log.exchanges == [] and not house.root.exists()
