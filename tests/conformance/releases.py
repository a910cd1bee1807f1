"""Reviews two releases of a real package with the analyzer alone: every anchor is an added line of that diff."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from reviewers.context.diff import parse
from tests.conformance.fetch import say
from tests.conformance.report import Report

PACKAGE, OLD, NEW = "requests", "2.0.0", "2.32.3"


def review_releases(report: Report) -> None:
    """`pip download` both, commit each, `council review` the step from one to the other."""
    with tempfile.TemporaryDirectory(prefix="council-releases-") as name:
        folder = Path(name)
        _commit(folder)
        command = [sys.executable, "-m", "app.cli", "review", "HEAD~1..HEAD", "--analyzers-only", "--json", "--repo", str(folder / "repo")]
        environment = {"PATH": "/usr/bin:/bin", "COUNCIL_DATA": str(folder / "data"), "HOME": name}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode not in {0, 1}:
            report.add("real releases", f"{PACKAGE} {OLD}..{NEW}", [done.stderr[-500:]])
            return
        findings = [each["finding"] for each in json.loads(done.stdout)["ranked"]]
        say(f"{len(findings)} findings on {PACKAGE} {OLD}..{NEW}")
        report.add("real releases", "there is something to anchor", [] if findings else ["no finding at all"])
        for finding in findings:
            report.add("real releases", finding["title"], _problems(folder / "repo", finding["location"]))


def _problems(repo: Path, place: dict[str, object]) -> list[str]:
    """The problems of an anchor, by git's own diff."""
    patch = _git(repo, "diff", "-U3", "HEAD~1", "HEAD", "--", str(place["path"]))
    start = patch.find("\n@@")
    diff = parse(str(place["path"]), patch[start + 1 :]) if start >= 0 else None
    if diff is None:
        return [f"{place['path']} is not in the diff"]
    added = {number: row for number in diff.added() if (row := diff.row_at(number)) is not None}
    return [] if place["line"] in added else [f"{place['path']}:{place['line']} was not added"]


def _commit(folder: Path) -> None:
    repo = folder / "repo"
    repo.mkdir()
    _git(repo, "init", "-q")
    for version in (OLD, NEW):
        target = folder / version
        command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--target", str(target)]
        subprocess.run([*command, f"{PACKAGE}=={version}"], check=True, capture_output=True)
        subprocess.run(["rm", "-rf", str(repo / PACKAGE)], check=True)
        subprocess.run(["cp", "-r", str(target / PACKAGE), str(repo)], check=True)
        _git(repo, "add", "-A")
        _git(repo, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", version)


def _git(repo: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=repo, check=True, capture_output=True, text=True).stdout
