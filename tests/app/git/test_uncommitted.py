"""Uncommitted work as a commit of ours: the staged files, and the files of the folder."""

from pathlib import Path

import pytest

from app.errors import UserError
from app.git.repository import open_repository
from reviewers.context.snapshot import Snapshot
from tests.app.git.repositories import git, repository


async def uncommitted(folder: Path, *, staged: bool) -> Snapshot:
    async with open_repository(folder) as opened:
        return await opened.snapshot(await opened.uncommitted(staged=staged))


def contents(snapshot: Snapshot) -> dict[str, tuple[str | None, str | None]]:
    return {file.path: (file.base, file.head) for file in snapshot.files}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = repository(tmp_path / "main")
    (made / "a.py").write_text("staged = 1\n")
    git(made, "add", "a.py")
    (made / "a.py").write_text("lying = 1\n")
    (made / "AGENTS.md").unlink()
    (made / "new file.py").write_text("new = 1\n")
    (made / ".gitignore").write_text("*.log\n")
    (made / "x.log").write_text("ignored\n")
    (made / "link").symlink_to("/etc/passwd")
    return made


async def test_what_is_staged(folder: Path) -> None:
    before = git(folder, "status", "--porcelain")
    assert contents(await uncommitted(folder, staged=True)) == {"a.py": ("one = 1\ntwo = 2\n", "staged = 1\n")}
    assert git(folder, "status", "--porcelain") == before


async def test_files_of_the_folder(folder: Path) -> None:
    found = contents(await uncommitted(folder, staged=False))
    assert found == {
        "a.py": ("one = 1\ntwo = 2\n", "lying = 1\n"),
        "AGENTS.md": ("Be kind.\n", None),
        "new file.py": (None, "new = 1\n"),
        ".gitignore": (None, "*.log\n"),
        "link": (None, "/etc/passwd"),
    }
    again = await uncommitted(folder, staged=False)
    assert again.head_sha == (await uncommitted(folder, staged=False)).head_sha


async def test_a_folder_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    made = repository(tmp_path / "main")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/council.yml").write_text("secret\n")
    (made / ".github/council.yml").unlink()
    (made / ".github").rmdir()
    (made / ".github").symlink_to(tmp_path / "secret")
    found = contents(await uncommitted(made, staged=False))
    assert found[".github/council.yml"][1] is None and "secret\n" not in str(found)


async def test_before_the_first_commit_everything_is_new(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("a = 1\n")
    git(tmp_path, "add", "-A")
    assert contents(await uncommitted(tmp_path, staged=True)) == {"a.py": (None, "a = 1\n")}


async def test_inside_a_commit_hook_its_index_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repository(tmp_path / "main")
    (made / "a.py").write_text("hooked = 1\n")
    git(made, "add", "-A", GIT_INDEX_FILE=str(made / ".git/next-index.lock"))
    monkeypatch.chdir(made)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index.lock")
    assert contents(await uncommitted(made, staged=True))["a.py"][1] == "hooked = 1\n"
    (tmp_path / "elsewhere").write_bytes((made / ".git/next-index.lock").read_bytes())
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere"))
    assert contents(await uncommitted(made, staged=True)) == {}


async def test_conflicts_and_bare_repositories_are_reported(tmp_path: Path) -> None:
    made = repository(tmp_path / "main")
    git(made, "clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    with pytest.raises(UserError, match="has no working files"):
        await uncommitted(tmp_path / "bare", staged=False)
    oid = git(made, "rev-parse", "HEAD:a.py")
    git(made, "update-index", "--index-info", given=f"0 {'0' * 40}\ta.py\n100644 {oid} 2\ta.py\n100644 {oid} 3\ta.py\n".encode())
    with pytest.raises(UserError, match="conflicts"):
        await uncommitted(made, staged=True)


async def test_the_default_range_starts_at_the_merge_base(tmp_path: Path) -> None:
    made = repository(tmp_path / "main")
    async with open_repository(made) as opened:
        assert await opened.default_range() == "main...HEAD"
    git(made, "branch", "-m", "trunk")
    async with open_repository(made) as opened:
        with pytest.raises(UserError, match="has no branch main or master"):
            await opened.default_range()
    git(made, "update-ref", "refs/remotes/origin/trunk", "HEAD~1")
    git(made, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    async with open_repository(made) as opened:
        assert await opened.default_range() == "origin/HEAD...HEAD"
        chosen = await opened.resolve("HEAD..HEAD~1")
        assert await opened.ahead(chosen) == 1
