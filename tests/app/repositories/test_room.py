"""The disk space of mirrors: the least recently used is deleted first, one in use never."""

import random
from contextlib import AsyncExitStack
from dataclasses import replace

from app.repositories.mirror_place import places_in
from app.repositories.mirror_request import MirrorCommits
from app.repositories.mirrors import Mirror, Mirrors
from app.repositories.refusals import NO_ROOM, NoMirror
from app.sandbox.github.repository import SandboxRepository
from tests.app.repositories.conftest import House
from tests.conftest import Clock


def large(system: House, name: str, megabytes: float = 1.5) -> SandboxRepository:
    """A repository that cannot be compressed."""
    seeded = random.Random(name)
    files: dict[str, str | bytes] = {f"{number}.bin": seeded.randbytes(int(megabytes * 250_000)) for number in range(4)}
    return system.sandbox.world.create_repository(f"acme/{name}", files, private=True)


async def use(mirrors: Mirrors, system: House, repository: SandboxRepository) -> Mirror | NoMirror:
    async with mirrors.open(system.key_of(repository), MirrorCommits(repository.branches["main"]), system.rules) as opened:
        return opened


async def test_the_least_recently_used_is_deleted_first(system: House, clock: Clock) -> None:
    mirrors = system.mirrors(clock, most_mb=4)
    first, second, third = (large(system, name) for name in ("first", "second", "third"))
    for repository in (first, second, first, third):
        clock.pass_(60)
        assert isinstance(await use(mirrors, system, repository), Mirror)
    assert [system.folder(each).exists() for each in (first, second, third)] == [True, False, True]
    assert sum(place.size() for place in places_in(system.root)) < 4_000_000


async def test_a_mirror_in_use_is_never_deleted(system: House, clock: Clock) -> None:
    mirrors = system.mirrors(clock, most_mb=4)
    first, second, third = (large(system, name) for name in ("first", "second", "third"))
    async with AsyncExitStack() as stack:
        for repository in (first, second):
            clock.pass_(60)
            commits = MirrorCommits(repository.branches["main"])
            await stack.enter_async_context(system.mirrors(clock, most_mb=4).open(system.key_of(repository), commits, system.rules))
        assert await use(mirrors, system, third) == NO_ROOM
        assert [system.folder(each).exists() for each in (first, second, third)] == [True, True, False]
    assert isinstance(await use(mirrors, system, third), Mirror)
    assert [system.folder(each).exists() for each in (first, second, third)] == [False, True, True]


async def test_a_repository_is_no_larger_than_it_may_be(system: House) -> None:
    repository = large(system, "big", 2.5)
    key, commits = system.key_of(repository), MirrorCommits(repository.branches["main"])
    async with system.mirrors().open(key, commits, replace(system.rules, max_mb=2)) as opened:
        assert opened == NoMirror("it is larger than the limit for mirrors (mirror.max_mb, MIRRORS_MB)")
    async with system.mirrors(most_mb=2).open(key, commits, system.rules) as opened:
        assert isinstance(opened, NoMirror)
    async with system.mirrors().open(key, commits, replace(system.rules, max_mb=3)) as opened:
        assert isinstance(opened, Mirror)


async def test_a_mirror_at_its_cap_is_fetched_again(system: House) -> None:
    repository, mirrors = large(system, "growing", 1.0), system.mirrors()
    rules, seeded = replace(system.rules, max_mb=2), random.Random(7)
    for number in range(8):
        repository.push_branch("main", {f"{number % 4}.bin": seeded.randbytes(250_000)})
        async with mirrors.open(system.key_of(repository), MirrorCommits(repository.branches["main"]), rules) as opened:
            assert isinstance(opened, Mirror), (number, opened)
        (place,) = (place for place in places_in(system.root) if place.repository_id == repository.id)
        assert place.size() < 2_100_000
