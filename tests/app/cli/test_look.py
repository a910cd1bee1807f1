"""`council look`, and related code in a review's prompt."""

import json
from pathlib import Path

import pytest

from tests.app.cli.test_commands import council
from tests.app.git.repositories import commit, repository

CALLER = "from cart import total\n\n\ndef nightly(rows):\n    return total(rows, 7)\n"


def services(folder: Path) -> Path:
    repository(folder)
    commit(folder, {"cart.py": "def total(rows, rate):\n    return sum(rows) * rate\n", "jobs/nightly.py": CALLER})
    commit(folder, {"cart.py": "def total(rows):\n    return sum(rows)\n"})
    return folder


async def test_a_person_looks_around(tmp_path: Path) -> None:
    folder, env = services(tmp_path / "shop"), {"COUNCIL_DATA": str(tmp_path / "data")}
    code, out, err = await council("look", "uses", "total", "--repo", str(folder), env=env)
    assert (code, err) == (0, "")
    assert "jobs/nightly.py\n" in out
    assert "  in nightly:\n5\t    return total(rows, 7)" in out
    code, out, _ = await council(
        "look", "read", "cart.py", "--lines", "1-1", "--commit", "HEAD~1", "--repo", str(folder), "--json", env=env
    )
    answer = json.loads(out)
    assert code == 0
    assert answer["lines"] == [{"path": "cart.py", "number": 1, "text": "def total(rows, rate):"}]
    code, out, err = await council("look", "find", "--repo", str(folder), env=env)
    assert code == 2
    assert "find needs a target" in err


@pytest.mark.slow
async def test_a_review_is_shown_the_caller_in_another_file(tmp_path: Path) -> None:
    folder, env = services(tmp_path / "shop"), {"COUNCIL_DATA": str(tmp_path / "data")}
    code, out, err = await council("context", "HEAD~1..HEAD", "--json", "--repo", str(folder), env=env)
    assert code == 0, err
    [part] = json.loads(out)["parts"]
    [block] = [block for block in part["blocks"] if block["kind"] == "related"]
    assert block["name"] == "jobs/nightly.py:1"
    assert "uses `total`" in block["why"]
    assert "5\t    return total(rows, 7)" in part["text"]
    code, out, err = await council("context", "HEAD~1..HEAD", "--json", "--repo", str(folder), env=env | {"REPOSITORY_SECONDS": "0"})
    assert not [block for block in json.loads(out)["parts"][0]["blocks"] if block["kind"] == "related"]
