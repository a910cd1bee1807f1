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


def large(house: House, name: str, megabytes: float = 1.5) -> SandboxRepository:
    """A repository that cannot be compressed."""
    seeded = random.Random(name)
    files: dict[str, str | bytes] = {f"{number}.bin": seeded.randbytes(int(megabytes * 250_000)) for number in range(4)}
    return house.sandbox.world.create_repository(f"acme/{name}", files, private=True)


async def use(mirrors: Mirrors, house: House, repository: SandboxRepository) -> Mirror | NoMirror:
    async with mirrors.open(house.key_of(repository), MirrorCommits(repository.branches["main"]), house.rules) as opened:
        return opened


async def test_the_least_recently_used_is_deleted_first(house: House, clock: Clock) -> None:
    mirrors = house.mirrors(clock, most_mb=4)
    first, second, third = (large(house, name) for name in ("first", "second", "third"))
    for repository in (first, second, first, third):
        clock.pass_(60)
        assert isinstance(await use(mirrors, house, repository), Mirror)
    assert [house.folder(each).exists() for each in (first, second, third)] == [True, False, True]
    assert sum(place.size() for place in places_in(house.root)) < 4_000_000


async def test_a_mirror_in_use_is_never_deleted(house: House, clock: Clock) -> None:
    mirrors = house.mirrors(clock, most_mb=4)
    first, second, third = (large(house, name) for name in ("first", "second", "third"))
    async with AsyncExitStack() as stack:
        for repository in (first, second):
            clock.pass_(60)
            commits = MirrorCommits(repository.branches["main"])
            await stack.enter_async_context(house.mirrors(clock, most_mb=4).open(house.key_of(repository), commits, house.rules))
        assert await use(mirrors, house, third) == NO_ROOM
        assert [house.folder(each).exists() for each in (first, second, third)] == [True, True, False]
    assert isinstance(await use(mirrors, house, third), Mirror)
    assert [house.folder(each).exists() for each in (first, second, third)] == [False, True, True]


async def test_a_repository_is_no_larger_than_it_may_be(house: House) -> None:
    repository = large(house, "big", 2.5)
    key, commits = house.key_of(repository), MirrorCommits(repository.branches["main"])
    async with house.mirrors().open(key, commits, replace(house.rules, max_mb=2)) as opened:
        assert opened == NoMirror("it is larger than the limit for mirrors (mirror.max_mb, MIRRORS_MB)")
    async with house.mirrors(most_mb=2).open(key, commits, house.rules) as opened:
        assert isinstance(opened, NoMirror)
    async with house.mirrors().open(key, commits, replace(house.rules, max_mb=3)) as opened:
        assert isinstance(opened, Mirror)


async def test_a_mirror_at_its_cap_is_fetched_again(house: House) -> None:
    repository, mirrors = large(house, "growing", 1.0), house.mirrors()
    rules, seeded = replace(house.rules, max_mb=2), random.Random(7)
    for number in range(8):
        repository.push_branch("main", {f"{number % 4}.bin": seeded.randbytes(250_000)})
        async with mirrors.open(house.key_of(repository), MirrorCommits(repository.branches["main"]), rules) as opened:
            assert isinstance(opened, Mirror), (number, opened)
        (place,) = (place for place in places_in(house.root) if place.repository_id == repository.id)
        assert place.size() < 2_100_000
