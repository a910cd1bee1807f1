"""The files of .github: CI runs the steps of .ci/run, actions are pinned, and forms and templates are whole."""

import re
from pathlib import Path

import pytest
import yaml

from tests.docs.pages import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
# Its authors ask for the moving branch, and it publishes nothing before the first release: the workflow says so.
MOVING = "pypa/gh-action-pypi-publish"


def test_ci_runs_every_step_of_the_script() -> None:
    script = re.findall(r"^make ([\w-]+)$", (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]
    targets = ["test", *jobs["step"]["strategy"]["matrix"]["target"]]
    assert targets == script and jobs["test"]["steps"][-1]["run"] == "make test"
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert all(f"\n{target}:" in makefile for target in targets)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_of_others_are_pinned_to_a_commit(path: Path) -> None:
    used = re.findall(r"uses: ([\w./-]+)@(\S+)(.*)", path.read_text("utf-8"))
    loose = [name for name, commit, said in used if not (re.fullmatch(r"[0-9a-f]{40}", commit) and re.fullmatch(r" # v[\d.]+", said))]
    assert set(loose) <= {MOVING}


def test_dependabot_looks_where_lock_files_are() -> None:
    (pip, *others) = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text("utf-8"))["updates"]
    assert {entry["package-ecosystem"] for entry in others} == {"github-actions", "docker"}
    locked = {f"/{path.parent.relative_to(ROOT).as_posix()}".rstrip(".") for path in ROOT.glob("tests/*/requirements.txt")}
    assert {folder for folder in pip["directories"] if folder != "/"} == locked


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_a_form_is_whole(path: Path) -> None:
    """By https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms."""
    form = yaml.safe_load(path.read_text("utf-8"))
    assert {"name", "description", "body"} <= form.keys()
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert ids and len(set(ids)) == len(ids)
    assert all(part["attributes"].get("label") or part["type"] == "markdown" for part in form["body"])
    assert {part["type"] for part in form["body"]} <= {"markdown", "input", "textarea", "dropdown", "checkboxes"}


def test_hooks_run_tools_that_are_there() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    local = [hook["entry"] for repository in hooks if repository["repo"] == "local" for hook in repository["hooks"]]
    assert len(local) >= 4
    modules = [entry.split()[2] for entry in local if " -m " in entry]
    assert all((ROOT / module.replace(".", "/") / "__main__.py").exists() for module in modules)
