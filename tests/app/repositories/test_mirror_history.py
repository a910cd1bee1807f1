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


async def past(system: House, mirrors: Mirrors, target: str) -> str:
    async with mirrors.open(system.key, MirrorCommits(system.tip), system.rules) as mirror:
        assert isinstance(mirror, Mirror)
        async with open_reader(mirror.folder) as reader:
            view = await open_view(reader, system.tip, system.root / "cache", mirror.history)
            texts = [(await view.look(Look(kind=LookKind.HISTORY, target=target), 2_000)).text for _ in range(2)]
    assert texts[0] == texts[1]
    return texts[0]


def grow(system: House) -> None:
    for number, message in enumerate(MESSAGES):
        system.repository.push_branch("main", {"src/deep/b.py": f"b = {number}\n"}, message=message)


async def test_history_is_fetched_when_it_is_first_asked_for(system: House) -> None:
    grow(system)
    mirrors = system.mirrors()
    async with mirrors.open(system.key, MirrorCommits(system.tip), system.rules):
        before = len(system.fetches())
    found = await past(system, mirrors, "src/deep/b.py")
    assert "Fix a race in src/deep/b.py [fix]" in found and "Add the guide" not in found
    asked = len(system.fetches())
    assert asked > before
    # Another process finds it there.
    assert "Revert" in await past(system, system.mirrors(), "race")
    assert len(system.fetches()) == asked
    history = system.folder() / "council" / "history"
    objects = git(history, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split()
    assert set(objects) == {"commit"}
    config = (history / "config").read_text()
    assert system.sandbox.web_url not in config and not any(token in config for token in system.tokens)


async def test_the_next_head_brings_only_its_own_commits(system: House) -> None:
    grow(system)
    await past(system, system.mirrors(), "race")
    system.repository.push_branch("main", {"a.py": "a = 2\n"}, message="Race no more")
    assert "Race no more" in await past(system, system.mirrors(), "race")
    counts = [len(git(system.folder() / "council/history", "show-index", given=path.read_bytes()).splitlines()) for path in packs(system)]
    assert sorted(counts)[0] == 1


async def test_a_failed_history_fetch_is_reported_and_not_retried(system: House) -> None:
    grow(system)
    mirrors = system.mirrors()
    async with mirrors.open(system.key, MirrorCommits(system.tip), system.rules):
        pass
    system.sandbox.github.faults.add("POST", "git-upload-pack", FaultKind.RESET, times=9)
    before = len(system.fetches())
    assert "was not fetched" in await past(system, mirrors, "race")
    # Git itself repeats a request that was cut off.
    assert len(system.fetches()) <= before + 2


def packs(system: House) -> list[Path]:
    return list((system.folder() / "council/history/objects/pack").glob("*.idx"))
