"""Every page of an installed wheel opens in Chromium: no missing files, no blocked requests, and no large pages."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import CHROMIUM

ROOT = Path(__file__).parents[2]
# The largest HTML, in bytes of gzip.
_HEAVIEST = 50_000


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_page_of_an_installed_wheel_opens(tmp_path: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    sources, installed = tmp_path / "sources", tmp_path / "installed"
    sources.mkdir()
    for name in ("app", "reviewers", "webhooks", "pyproject.toml", "README.md", "LICENSE"):
        subprocess.run(["cp", "-r", ROOT / name, sources / name], check=True)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--target", installed]
    subprocess.run([*pip, sources], check=True)
    # The wheel comes before the source tree on the path; only the tests come from the tree.
    environment = {**os.environ, "PYTHONPATH": f"{installed}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "tests.browser.installed"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    told = json.loads(done.stdout.strip().split("\n")[-1])
    assert Path(told["app"]).is_relative_to(installed), "the wheel was not what ran"
    assert len(told["pages"]) > 20
    for name, page in told["pages"].items():
        missing = name == "nothing-here"
        assert page["status"] == (404 if missing else 200), (name, page)
        assert missing or (page["said"], page["failed"]) == ([], []), (name, page)
        assert page["title"] and page["weight"] < _HEAVIEST, (name, page)
