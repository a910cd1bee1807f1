"""A repository is read whatever its layout, and nothing in it changes what is read."""

import asyncio
import contextlib
import os
import re
import tempfile
from pathlib import Path

import pytest

from app.errors import UserError
from app.git.repository import open_repository
from reviewers.context.snapshot import FileStatus, Snapshot
from tests.app.git.repositories import commit, git, repository
from tests.reviewers.notebooks import cell, notebook


async def snapshot(folder: Path, text: str = "HEAD~1..HEAD") -> Snapshot:
    async with open_repository(folder) as opened:
        return await opened.snapshot(await opened.resolve(text))


async def refusal(folder: Path, text: str = "HEAD~1..HEAD") -> str:
    with pytest.raises(UserError) as caught:
        await snapshot(folder, text)
    return str(caught.value)


def linked_worktree(folder: Path) -> Path:
    git(repository(folder / "main"), "worktree", "add", "-q", "-b", "side", "../side")
    commit(folder / "side", {"a.py": "one = 1\ntwo = 3\n"}, "On the side")
    return folder / "side"


def bare(folder: Path) -> Path:
    git(repository(folder / "main"), "clone", "-q", "--bare", ".", "../bare.git")
    return folder / "bare.git"


def separate(folder: Path) -> Path:
    return repository(folder / "work", f"--separate-git-dir={folder / 'elsewhere'}")


def nested(folder: Path) -> Path:
    (repository(folder / "main") / "deep" / "er").mkdir(parents=True)
    return folder / "main" / "deep" / "er"


def borrowing(folder: Path) -> Path:
    """Objects are in an alternate of an alternate, by a relative path."""
    git(repository(folder / "main"), "clone", "-q", "--shared", ".", "../shared")
    git(folder, "clone", "-q", "--shared", "shared", "again")
    for name, other in (("shared", "main"), ("again", "shared")):
        (folder / name / ".git/objects/info/alternates").write_text(f"../../../{other}/.git/objects\n")
    return folder / "again"


def packed(folder: Path) -> Path:
    git(repository(folder / "main"), "gc", "-q", "--aggressive")
    git(folder / "main", "pack-refs", "--all")
    return folder / "main"


def odd_name(folder: Path) -> Path:
    return repository(folder / '#an "odd"\nname\\')


def submodule(folder: Path) -> Path:
    repository(folder / "lib")
    git(repository(folder / "main"), "-c", "protocol.file.allow=always", "submodule", "add", "-q", "../lib", "lib")
    return folder / "main" / "lib"


def versioned(folder: Path) -> Path:
    repository(folder / "main")
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.worktreeConfig", "true"),
        ("extensions.preciousObjects", "true"),
    ):
        git(folder / "main", "config", key, value)
    return folder / "main"


@pytest.mark.parametrize("build", [linked_worktree, bare, separate, nested, borrowing, packed, odd_name, submodule, versioned])
async def test_every_layout_is_read(tmp_path: Path, build) -> None:  # type: ignore[no-untyped-def]
    read = await snapshot(build(tmp_path))
    [changed] = read.files
    assert (changed.path, changed.base is None, changed.head is None) == ("a.py", False, False)
    assert [guide.text for guide in read.guidelines] == ["Be kind.\n"]
    assert len(read.commits) == 1


async def test_another_object_format_is_read(tmp_path: Path) -> None:
    read = await snapshot(repository(tmp_path / "main", "--object-format=sha256"))
    assert [file.path for file in read.files] == ["a.py"]
    assert len(read.head_sha) == 64


async def test_every_way_to_name_a_commit_works(tmp_path: Path) -> None:
    folder = repository(tmp_path / "main")
    first, second = git(folder, "rev-parse", "HEAD~1"), git(folder, "rev-parse", "HEAD")
    git(folder, "tag", "-m", "One", "v1", first)
    git(folder, "update-ref", "refs/remotes/origin/main", first)
    git(folder, "pack-refs", "--all")
    git(folder, "branch", "other", first)
    (folder / "a.py").write_text("stashed\n")
    git(folder, "stash", "-q")
    async with open_repository(folder) as opened:
        for base in (
            "main~1",
            "v1",
            "origin/main",
            "other",
            first[:7],
            "HEAD^",
            "HEAD@{1}",
            "stash~1^",
            "HEAD^{/First}",
            "v1^{commit}",
            "@~",
        ):
            chosen = await opened.resolve(f"{base}..HEAD")
            assert (base, chosen.base, chosen.head) == (base, first, second)


async def test_repository_attributes_hide_no_file(tmp_path: Path) -> None:
    """Attributes of the tree and of the git directory, replace refs, grafts and a mailmap are data here, not instructions."""
    folder = repository(tmp_path / "main")
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/attributes").write_text("*.py binary\n*.txt -diff\n")
    commit(folder, {".gitattributes": "*.py -diff\n*.md diff=hidden\nc.txt binary\n"}, "Hide")
    head = commit(folder, {"a.py": "three = 3\n", "c.txt": "c\n", "AGENTS.md": "Be kinder.\n"}, "Change what is hidden")
    other = commit(folder, {"a.py": "replaced\n"}, "Another")
    git(folder, "replace", head, other)
    (folder / ".git/info/grafts").write_text(f"{head}\n")
    read = await snapshot(folder, f"{head}~1..{head}")
    assert [(file.path, file.patch is not None, file.unseen) for file in read.files] == [
        ("AGENTS.md", True, ""),
        ("a.py", True, ""),
        ("c.txt", True, ""),
    ]
    assert read.files[1].head == "three = 3\n"
    assert [entry.message for entry in read.commits] == ["Change what is hidden"]


async def test_a_notebook_is_read_as_cells(tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop")
    commit(folder, {"a.ipynb": notebook(cell("a = 1"))})
    commit(folder, {"a.ipynb": notebook(cell("a = 2"))})
    (file,) = (await snapshot(folder)).files
    assert (file.patch or "").split("\n")[1:] == ["-a = 1", "+a = 2"]


async def test_a_mode_is_read_on_both_sides(tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop")
    commit(folder, {"run.sh": "one\n", "go.sh": "one\n"})
    for name in ("run.sh", "go.sh"):
        (folder / name).chmod(0o755)
    commit(folder, {"go.sh": "two\n"})
    files = {file.path: file for file in (await snapshot(folder)).files}
    assert {file.mode_change for file in files.values()} == {"100644 -> 100755"}
    assert (files["run.sh"].status, files["run.sh"].patch) == (FileStatus.CHANGED, None)
    assert files["run.sh"].unseen == "only its mode changed: 100644 -> 100755"


async def test_a_file_in_utf_16_is_read_and_a_font_is_not(tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop")
    font = b"\x00\x01\x00\x00" + bytes(range(256))
    commit(folder, {"app.rc": "name=Jörg\r\n".encode("utf-16"), "face.dat": font, "gone.rc": "x=1\n".encode("utf-16-le")})
    new: dict[str, str | bytes | None] = {"app.rc": "name=Zoë\r\n".encode("utf-16"), "face.dat": font + b"\0", "gone.rc": None}
    commit(folder, new | {"new.rc": "y=2\n".encode("utf-32")})
    async with open_repository(folder) as opened:
        files = {file.path: file for file in (await opened.snapshot(await opened.resolve("HEAD~1..HEAD"))).files}
    assert files["app.rc"].patch == "@@ -1,1 +1,1 @@\n-name=Jörg\r\n+name=Zoë\r"
    assert (files["gone.rc"].patch, files["gone.rc"].head) == ("@@ -1,1 +0,0 @@\n-x=1", None)
    assert (files["new.rc"].patch, files["new.rc"].base) == ("@@ -0,0 +1,1 @@\n+y=2", None)
    assert (files["face.dat"].patch, files["face.dat"].unseen) == (None, "binary")


async def test_paths_of_any_bytes_are_read(tmp_path: Path) -> None:
    folder = repository(tmp_path / "main")
    names = [b"two\nlines.py", b"caf\xe9.py", "größe.py".encode(), b'quo"te.py', b"back\\slash.py", b"tab\t.py", b":(top)x.py", b"-n.py"]
    for turn in ("one", "two"):
        for name in names:
            Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(f"{turn}\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", turn)
    read = await snapshot(folder)
    assert sorted(file.path for file in read.files) == sorted(name.decode("utf-8", "replace") for name in names)
    assert {(file.base, file.head) for file in read.files} == {("one\n", "two\n")}
    assert {change.path for change in read.project.recent} == {name.decode("utf-8", "replace") for name in names}


async def test_a_shallow_clone_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    commit(repository(tmp_path / "main"), {"b.py": "b = 1\n"}, "Third")
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{tmp_path}/main", "shallow")
    read = await snapshot(tmp_path / "shallow")
    assert [entry.message for entry in read.commits] == ["Third"]
    assert "git fetch --unshallow" in await refusal(tmp_path / "shallow", "HEAD~2..HEAD")


async def test_a_missing_object_of_a_partial_clone_is_explained(tmp_path: Path) -> None:
    git(repository(tmp_path / "main"), "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{tmp_path}/main", "partial")
    said = await refusal(tmp_path / "partial")
    assert "partial clone" in said and "git fetch --refetch --no-filter" in said
    git(tmp_path / "partial", "fetch", "-q", "--refetch", "--no-filter")
    assert (await snapshot(tmp_path / "partial")).files


async def test_a_file_with_lost_content_is_not_a_missing_file(tmp_path: Path) -> None:
    folder = repository(tmp_path / "main")
    oid = git(folder, "rev-parse", "HEAD:AGENTS.md")
    (folder / ".git/objects" / oid[:2] / oid[2:]).unlink()
    assert re.search(rf"the content of AGENTS.md \({oid[:12]}\) is missing", await refusal(folder))


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda folder: folder / "nothing", "is not a folder"),
        (lambda folder: folder, "is not in a git repository"),
        (lambda folder: (git(folder, "init", "-q") and folder) or folder, "has no commits yet"),
    ],
)
async def test_a_folder_without_a_repository_is_reported(tmp_path: Path, build, said: str) -> None:  # type: ignore[no-untyped-def]
    assert said in await refusal(build(tmp_path))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder away")
async def test_another_users_repository_needs_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = repository(tmp_path / "main")
    os.chown(folder / ".git", 12_345, 12_345)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert f"git config --global --add safe.directory {folder}" in await refusal(folder)
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {folder}\n")
    assert (await snapshot(folder)).files


async def test_nothing_is_left_behind_and_nothing_is_written_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = repository(tmp_path / "main")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    before = sorted((path, path.lstat().st_mtime_ns) for path in folder.rglob("*"))
    await snapshot(folder)
    await refusal(folder, "nothing..HEAD")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert sorted((path, path.lstat().st_mtime_ns) for path in folder.rglob("*")) == before


async def test_a_hooks_git_dir_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = repository(tmp_path / "other")
    commit(other, {"z.py": "z\n"}, "Elsewhere")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / ".git/objects"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "diff.external")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "/bin/false")
    assert [file.path for file in (await snapshot(repository(tmp_path / "main"))).files] == ["a.py"]


async def test_a_cancelled_read_ends_at_once_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C may come at any moment. A start of git that was cancelled half way used to wait forever."""
    folder = repository(tmp_path / "main")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    for milliseconds in range(0, 60, 2):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(milliseconds / 1000):
                await snapshot(folder)
    assert list((tmp_path / "tmp").iterdir()) == []
