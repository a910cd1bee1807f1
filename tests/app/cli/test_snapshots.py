"""Snapshots of terminal output."""

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from app.cli.main import app
from app.reporters.terminal import render
from tests.app.cli.printed import printed
from tests.app.reporters.editions import snapshot as change
from tests.app.reporters.red_checks import LOGS
from tests.app.reporters.test_snapshots import EDITIONS
from tests.snapshots import TextSnapshot


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextSnapshot)


@pytest.mark.parametrize("width", [100, 40])
@pytest.mark.parametrize("name", EDITIONS)
def test_review(name: str, width: int, golden: SnapshotAssertion) -> None:
    lines = printed(render(EDITIONS[name].verdict, change()), width).split("\n")
    assert "\n".join(line.rstrip() for line in lines) == golden


@pytest.mark.parametrize("budget", [300, 2_000])
@pytest.mark.parametrize("name", LOGS)
def test_ci_log(name: str, budget: int, golden: SnapshotAssertion, tmp_path: Path) -> None:
    (tmp_path / "job.log").write_bytes(LOGS[name])
    shown = CliRunner().invoke(app, ["ci-log", str(tmp_path / "job.log"), "--budget", str(budget)])
    assert shown.exit_code == 0
    assert "\n".join(line.rstrip() for line in shown.stdout.split("\n")) == golden
