"""Mirrors over the sandbox's wire: what is fetched, when, and under which name."""

from app.repositories.mirror_request import MirrorCommits
from app.repositories.mirrors import Mirror
from tests.app.git.repositories import git
from tests.app.repositories.conftest import FILES, House, files_at, outcome


async def test_a_commit_is_fetched_by_its_id_with_a_token_that_ends(house: House) -> None:
    commits = MirrorCommits(house.tip)
    opened = await outcome(house.mirrors(), house, commits)
    assert opened == Mirror(house.folder(), commits)
    assert files_at(house.folder(), house.tip) == sorted(FILES)
    assert git(house.folder(), "show", f"{house.tip}:src/deep/b.py") == "b = 2"
    (token,) = house.tokens
    assert token not in house.sandbox.github.door.tokens
    assert not any(token in path.read_text(errors="replace") for path in house.root.rglob("*") if path.is_file())
    assert house.fetches() == [200]
