"""`council ask` and `council memory` on a local repository, with the sandbox's models."""

import json
import os
from pathlib import Path

import pytest

from tests.app.cli.warm import run_council
from tests.app.test_mcp import repository, sandbox


async def council(environment: dict[str, str], folder: Path, *words: str) -> tuple[int, str, str]:
    return await run_council(words, {"PATH": os.environ["PATH"], **environment}, folder)


@pytest.mark.slow
async def test_a_question_is_answered_exported_and_deleted(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    (tmp_path / "boom.log").write_text("2026-11-24 14:00:01 ERROR pool exhausted\n" * 4)
    here = Path.cwd()
    async with sandbox(tmp_path / "data") as (_, environment):
        asked = ("ask", "Why does check in pool.py leak?", "--repo", str(repo), "--log", str(tmp_path / "boom.log"))
        code, out, err = await council(environment, here, *asked)
        assert code == 0, err
        assert "The health check opens a connection and never closes it · likely" in out
        assert "pool.py:2  connection = pool.take()" in " ".join(out.split("  ")) or "pool.py:2" in out
        assert "gpt-5.5: ✓" in err and "judging the others" not in out

        code, out, _ = await council(environment, here, *asked, "--json")
        told = json.loads(out)
        assert code == 0 and told["ranked"][0]["solution"]["citations"][0]["line"] == 2

        code, out, _ = await council(environment, here, "memory", "export", "repo")
        rows = [json.loads(line) for line in out.splitlines()]
        assert len(rows) == 2 and {each["seat"] for each in rows[0]["opinions"]} == {"gpt-5.5", "claude-opus-5-5", "gemini-3.1-pro-preview"}
        assert (await council(environment, here, "memory", "forget", "repo", "--yes"))[0] == 0
        code, _, err = await council(environment, here, "memory", "export", "repo")
        assert code == 2 and "nothing is stored about repo" in err

        # The shell passes a Latin-1 byte unchanged.
        code, out, err = await council(environment, here, "ask", "Why does the caf\udce9 in pool.py leak?", "--repo", str(repo), "--json")
        assert code == 0, err
        assert json.loads(out)["ranked"]

        for words, said in ((("ask", " "), "the question is empty"), (("ask", "x", "--as", "wizard"), "unknown specialist 'wizard'")):
            code, _, err = await council(environment, here, *words)
            assert code == 2 and said in " ".join(err.split())
