"""The Action, this repository's workflows and those in the docs: audited, and consistent with what `council action` reads."""

import re
from pathlib import Path

import pytest
import yaml

from app.action.inputs import EVENTS
from app.configuration.child_environments import ACTION
from tests.workflows.__main__ import ROOT, copy_all, main

ACTION_FILE = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
PAGE = (ROOT / "docs/how-to/action.md").read_text("utf-8")


def test_zizmor_finds_nothing() -> None:
    assert main() == 0


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    """An injection in a page's sample fails the check."""
    for name in ("action.yml", ".github/zizmor.yml", ".github/workflows/council.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"))
    (tmp_path / "docs").mkdir()
    steps = '    steps:\n      - run: echo "${{ github.event.pull_request.title }}"\n'
    bad = f"on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n{steps}"
    (tmp_path / "docs/page.md").write_text(f"```yaml\n{bad}```\n")
    assert main(root=tmp_path) != 0


def test_the_samples_are_taken_from_the_pages(tmp_path: Path) -> None:
    names = {path.name for path in copy_all(tmp_path)}
    assert names >= {"council.yml", "action-sample-1.yml", "action-sample-2.yml", "action-sample-3.yml"}


def test_the_page_names_every_input_and_output() -> None:
    for name in (*ACTION_FILE["inputs"], *ACTION_FILE["outputs"]):
        assert f"`{name}`" in PAGE, name


def test_every_input_reaches_the_command() -> None:
    (step,) = [step for step in ACTION_FILE["runs"]["steps"] if step.get("id") == "council"]
    used = set(re.findall(r"inputs\.([a-z-]+)", " ".join(step["env"].values())))
    assert used == set(ACTION_FILE["inputs"])
    ours = {name for name in step["env"] if name in ACTION}
    # Variables that the runner itself sets are not passed on.
    assert ours == {name for name in ACTION if name.startswith("COUNCIL_") or name == "GITHUB_TOKEN"}
    assert step["run"].endswith("-m app.cli action")


@pytest.mark.parametrize("path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name)
def test_no_workflow_grants_by_default(path: Path) -> None:
    assert yaml.safe_load(path.read_text("utf-8"))["permissions"] == {}


def test_workflows_with_council_run_one_at_a_time(tmp_path: Path) -> None:
    """On known events."""
    users = [text for path in copy_all(tmp_path) if re.search(r"uses: (?:OWNER/council|\./)", text := path.read_text("utf-8"))]
    assert len(users) == 3
    for text in users:
        workflow = yaml.safe_load(text)
        assert set(workflow[True]) <= set(EVENTS)
        assert "cancel-in-progress" in workflow["concurrency"] and not workflow["concurrency"]["cancel-in-progress"]
