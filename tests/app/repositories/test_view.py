"""A repository on disk as looks see it: the contents of a tree, of the cache, and of a hostile repository."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from app.git.reader import open_reader
from app.git.tree import read_tree
from app.repositories.indexing import build_index
from app.repositories.symbol_cache import NAME, SymbolCache
from app.repositories.view import mask_answer, open_repository_view
from reviewers.context.repository.blob_symbols import PackedSymbols
from reviewers.context.repository.looks import Look, LookAnswer, LookKind
from tests.app.git.repositories import commit, git, repository
from tests.reviewers.notebooks import cell, notebook

FILES = {
    "app/jobs.py": "def run(a):\n    return refresh(a)\n",
    "app/session.py": "def refresh(a):\n    return a\n",
    "bad\nname.py": "def refresh_all():\n    refresh(1)\n",
    "x.py odd": "refresh = 1\n",
}


async def asked(folder: Path, sha: str, cache: Path, look: Look) -> LookAnswer:
    async with open_repository_view(folder, sha, cache) as view:
        return await view.look(look, 1_000)


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, str]:
    folder = repository(tmp_path / "repo")
    (folder / "link.py").symlink_to("/etc/passwd")
    return folder, commit(folder, dict(FILES), "Third, which fixes a race")


async def test_looks_at_a_folder_and_at_a_bare_repository(place: tuple[Path, str], tmp_path: Path) -> None:
    folder, sha = place
    git(tmp_path, "clone", "-q", "--bare", str(folder), "bare.git")
    for where in (folder, tmp_path / "bare.git"):
        uses = await asked(where, sha, tmp_path / "cache", Look(kind=LookKind.USES, target="refresh"))
        assert "  in run:\n2\t    return refresh(a)" in uses.text
        assert "bad\\nname.py\n" in uses.text
        assert {line.path for line in uses.lines} >= {"app/jobs.py", "bad\nname.py"}
        assert "is a symbolic link" in (await asked(where, sha, tmp_path / "cache", Look(kind=LookKind.READ, target="link.py"))).text
        past = await asked(where, sha, tmp_path / "cache", Look(kind=LookKind.HISTORY, target="a.py"))
        assert [row.split()[-1] for row in past.text.split("\n")[1:]] == ["Second", "First"]
        assert "Third" in (await asked(where, sha, tmp_path / "cache", Look(kind=LookKind.HISTORY, target="race"))).text


async def test_a_shallow_repository_has_no_history_and_says_so(place: tuple[Path, str], tmp_path: Path) -> None:
    folder, sha = place
    git(tmp_path, "clone", "-q", "--bare", "--depth=1", f"file://{folder}", "bare.git")
    answer = await asked(tmp_path / "bare.git", sha, tmp_path / "cache", Look(kind=LookKind.HISTORY, target="nothing named so"))
    assert "was not fetched" in answer.text


async def test_the_cache_makes_the_next_commit_cost_what_changed(place: tuple[Path, str], tmp_path: Path) -> None:
    folder, sha = place
    await asked(folder, sha, tmp_path / "cache", Look(kind=LookKind.FIND, target="refresh"))
    with sqlite3.connect(tmp_path / "cache" / NAME) as connection:
        before = {key for (key,) in connection.execute("SELECT key FROM symbols")}
    connection.close()
    newer = commit(folder, {"app/jobs.py": "def other():\n    refresh(2)\n"})
    answer = await asked(folder, newer, tmp_path / "cache", Look(kind=LookKind.USES, target="refresh"))
    assert "app/jobs.py\n1\tdef other():\n  in other:\n2\t" in answer.text
    with sqlite3.connect(tmp_path / "cache" / NAME) as connection:
        after = {key for (key,) in connection.execute("SELECT key FROM symbols")}
    connection.close()
    assert len(after - before) == 1


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 4_000])
async def test_a_damaged_cache_is_deleted(place: tuple[Path, str], tmp_path: Path, content: bytes) -> None:
    folder, sha = place
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / NAME).write_bytes(content)
    for _ in range(2):
        answer = await asked(folder, sha, tmp_path / "cache", Look(kind=LookKind.FIND, target="run"))
        assert "app/jobs.py:1" in answer.text


async def test_a_damaged_row_is_an_unreadable_file(place: tuple[Path, str], tmp_path: Path) -> None:
    folder, sha = place
    cache = SymbolCache(tmp_path / "cache")
    await asked(folder, sha, tmp_path / "cache", Look(kind=LookKind.FIND, target="run"))
    async with open_reader(folder) as reader:
        tree = await read_tree(reader, sha)
        key = f"{tree.entries['app/jobs.py'].oid}.py"
        cache.write({key: b"\xff" * 30})
        index = await build_index(reader, tree, cache)
        assert index.files[index.number["app/jobs.py"]].symbols is None
        assert "could not be read" in (await asked(folder, sha, tmp_path / "cache", Look(kind=LookKind.READ, target="app/jobs.py"))).text


async def test_a_cache_that_cannot_be_written_is_not_used(place: tuple[Path, str]) -> None:
    folder, sha = place
    assert "app/jobs.py:1" in (await asked(folder, sha, Path("/proc/nothing"), Look(kind=LookKind.FIND, target="run"))).text


async def test_results_before_a_deadline_stay_in_the_cache(place: tuple[Path, str], tmp_path: Path) -> None:
    folder, sha = place
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0), open_repository_view(folder, sha, tmp_path / "cache"):
            pass
    answer = await asked(folder, sha, tmp_path / "cache", Look(kind=LookKind.FIND, target="run"))
    assert "app/jobs.py:1" in answer.text


async def test_only_readable_texts_are_returned(place: tuple[Path, str], tmp_path: Path) -> None:
    folder, sha = place
    async with open_repository_view(folder, sha, tmp_path / "cache") as view:
        assert await view.texts(["a.py", "link.py", "none.py", "../a.py"]) == {"a.py": "one = 1\ntwo = 2\n"}
        assert view.commit == sha


def test_a_secret_in_an_answer_is_masked() -> None:
    text = 'KEY = "ghp_' + "a1B2c3D4e5" * 4 + '"'
    assert "ghp_" not in mask_answer(LookAnswer(look=Look(kind=LookKind.READ, target="a"), text=text)).text


def test_symbols_are_stored_consistently(tmp_path: Path) -> None:
    cache = SymbolCache(tmp_path)
    cache.write({"a.py": b"x"})
    assert cache.read(["a.py", "b.py"]) == {"a.py": b"x"}
    with pytest.raises(ValueError):
        PackedSymbols(b"x")


async def test_a_part_of_a_key_is_masked(tmp_path: Path) -> None:
    """Even if its first line is not shown."""
    body = [f"MIIEow{number}BAAKCAQEAxGZ9b3l0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0{number}" for number in range(6)]
    rows = ["-----BEGIN RSA PRIVATE KEY-----", *body, "-----END RSA PRIVATE KEY-----"]
    folder = repository(tmp_path / "repo")
    sha = commit(folder, {"keys/server.pem": "\n".join(rows) + "\n"}, "A key")
    for look in (
        Look(kind=LookKind.READ, target="keys/server.pem", first=3, last=5),
        Look(kind=LookKind.SEARCH, target="MIIEow3BAAKCAQEAxGZ9"),
    ):
        answer = await asked(folder, sha, tmp_path / "cache", look)
        assert not any(row in answer.text or row in line.text for row in body for line in answer.lines or [answer])
    async with open_repository_view(folder, sha, tmp_path / "cache") as view:
        assert "[masked:private-key]" in (await view.texts(["keys/server.pem"]))["keys/server.pem"]


def test_a_cache_is_emptied_after_ninety_days(tmp_path: Path) -> None:
    begun, day = 1_790_000_000.0, 86_400
    SymbolCache(tmp_path, lambda: begun).write({"a.py": b"old"})
    assert SymbolCache(tmp_path, lambda: begun + 89 * day).read(["a.py"]) == {"a.py": b"old"}
    later = SymbolCache(tmp_path, lambda: begun + 92 * day)
    assert later.read(["a.py"]) == {}
    later.write({"b.py": b"new"})
    assert SymbolCache(tmp_path, lambda: begun + 150 * day).read(["a.py", "b.py"]) == {"b.py": b"new"}


async def test_a_look_at_a_notebook_shows_its_cells_at_their_lines(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo")
    text = notebook(cell('df = load("sales.csv")\nplot(df)'))
    sha = commit(folder, {"a.ipynb": text})
    at = next(number for number, line in enumerate(text.split("\n"), 1) if "plot(df)" in line)
    answer = await asked(folder, sha, tmp_path / "cache", Look(kind=LookKind.READ, target="a.ipynb"))
    assert f'{at - 1}\tdf = load("sales.csv")\n{at}\tplot(df)' in answer.text
    assert "execution_count" not in answer.text
