"""The commits before a mirror's head: fetched on request, without files, once."""

from pathlib import Path

from app.git.reader import open_reader
from app.repositories.mirror_request import MirrorCommits
from app.repositories.mirrors import Mirror, Mirrors
from app.repositories.view import open_view
from app.sandbox.faults import FaultKind
from reviewers.context.repository.looks import Look, LookKind
from tests.app.git.repositories import git
from tests.app.repositories.conftest import House

MESSAGES = ("Add the guide", "Fix a race in src/deep/b.py", 'Revert "Fix a race"')


async def past(house: House, mirrors: Mirrors, target: str) -> str:
    async with mirrors.open(house.key, MirrorCommits(house.tip), house.rules) as mirror:
        assert isinstance(mirror, Mirror)
        async with open_reader(mirror.folder) as reader:
            view = await open_view(reader, house.tip, house.root / "cache", mirror.history)
            texts = [(await view.look(Look(kind=LookKind.HISTORY, target=target), 2_000)).text for _ in range(2)]
    assert texts[0] == texts[1]
    return texts[0]


def grow(house: House) -> None:
    for number, message in enumerate(MESSAGES):
        house.repository.push_branch("main", {"src/deep/b.py": f"b = {number}\n"}, message=message)


async def test_history_is_fetched_when_it_is_first_asked_for(house: House) -> None:
    grow(house)
    mirrors = house.mirrors()
    async with mirrors.open(house.key, MirrorCommits(house.tip), house.rules):
        before = len(house.fetches())
    found = await past(house, mirrors, "src/deep/b.py")
    assert "Fix a race in src/deep/b.py [fix]" in found and "Add the guide" not in found
    asked = len(house.fetches())
    assert asked > before
    # Another process finds it there.
    assert "Revert" in await past(house, house.mirrors(), "race")
    assert len(house.fetches()) == asked
    history = house.folder() / "council" / "history"
    objects = git(history, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split()
    assert set(objects) == {"commit"}
    config = (history / "config").read_text()
    assert house.sandbox.web_url not in config and not any(token in config for token in house.tokens)


async def test_the_next_head_brings_only_its_own_commits(house: House) -> None:
    grow(house)
    await past(house, house.mirrors(), "race")
    house.repository.push_branch("main", {"a.py": "a = 2\n"}, message="Race no more")
    assert "Race no more" in await past(house, house.mirrors(), "race")
    counts = [len(git(house.folder() / "council/history", "show-index", given=path.read_bytes()).splitlines()) for path in packs(house)]
    assert sorted(counts)[0] == 1


async def test_a_failed_history_fetch_is_reported_and_not_retried(house: House) -> None:
    grow(house)
    mirrors = house.mirrors()
    async with mirrors.open(house.key, MirrorCommits(house.tip), house.rules):
        pass
    house.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.RESET, times=9)
    before = len(house.fetches())
    assert "was not fetched" in await past(house, mirrors, "race")
    # Git itself repeats a request that was cut off.
    assert len(house.fetches()) <= before + 2


def packs(house: House) -> list[Path]:
    return list((house.folder() / "council/history/objects/pack").glob("*.idx"))
