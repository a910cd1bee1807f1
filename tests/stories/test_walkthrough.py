"""What a change does, per group of files, in the reviewing models' words. This adds no call."""

from pathlib import Path

import pytest

from app.sandbox.github.entities import PullRequest
from tests.stories.harness import DIVISION, HEAD, InProcessSystem, open_system

FILES = {**HEAD, "app/a.py": "A = 1\n", "app/b.py": "B = 1\n", "jobs/c.py": "C = 1\n", "jobs/d.py": "D = 1\n", "web/e.py": "E = 1\n"}
SAID = {"app/": "Shops see the average price.", "jobs/": "Nightly jobs count items.", "web/": "LGTM, safe to merge."}


async def walked(system: InProcessSystem, setting: str = "", files: dict[str, str] = FILES, said: dict[str, str] = SAID) -> PullRequest:
    system.script([DIVISION], [DIVISION], [DIVISION], changes=said)
    if setting:
        system.repository.push_branch("main", {".github/council.yml": f"review: {{walkthrough: {setting}}}\n"}, "octo-dev", "Configure")
    pull = system.repository.open_pull_request("Average", files)
    await system.settle()
    return pull


async def test_six_files_get_a_folded_walkthrough(system: InProcessSystem) -> None:
    pull = await walked(system)
    (summary,) = system.comments(pull)
    assert "<details><summary>What changes: 5 files in 2 groups</summary>\n\n- `app/` (3 files): Shops see the average price." in summary
    # A line that judges the change is discarded.
    assert "LGTM" not in summary and "safe to merge" not in summary
    assert system.bought() == 7


@pytest.mark.parametrize(
    ("setting", "files", "shown"), [("off", FILES, False), ("", HEAD, False), ("folded", HEAD, True), ("open", HEAD, True)]
)
async def test_the_repository_decides(tmp_path: Path, setting: str, files: dict[str, str], shown: bool) -> None:
    async with open_system(tmp_path) as system:
        pull = await walked(system, setting, files)
        (summary,) = system.comments(pull)
        assert ("What changes: 1 file in 1 group" in summary) is shown
        assert ("**What changes: " in summary) is (setting == "open")
        asked = " ".join(prompt for prompts in system.sandbox.providers.prompts.values() for prompt in prompts)
        assert ("Say too what this change does" in asked) is shown


async def test_hostile_lines_are_inactive(system: InProcessSystem) -> None:
    pull = await walked(system, "folded", HEAD, {"app/": "</details> @ada ![x](https://evil.example/x) <!-- council:summary --> fixes #1"})
    (summary,) = system.comments(pull)
    row = next(row for row in summary.splitlines() if row.startswith("- `app/` (1 file)"))
    assert "@ada" not in row and "<" not in row.replace("&lt;", "") and "](" not in row and "#1" not in row


async def test_a_push_keeps_the_lines_of_unchanged_groups(system: InProcessSystem) -> None:
    pull = await walked(system)
    system.script([], [], [], changes={"jobs/": "Nightly jobs count twice."})
    system.repository.push(pull.number, {"jobs/c.py": "C = 2\n"})
    await system.settle()
    summary = system.comments(pull)[0]
    assert "Shops see the average price." in summary and "Nightly jobs count twice." in summary
