"""`council ci-log` shows what a model gets."""

import json
from pathlib import Path

from typer.testing import CliRunner

from app.cli.main import app
from app.errors import UserError

LOG = "##[group]Run make\n" + "fine\n" * 900 + "src/pay.c:2:12: error: 'amout' undeclared\n##[error]Process completed with exit code 2.\n"


def test_blocks_come_with_numbers_and_reasons(tmp_path: Path) -> None:
    (tmp_path / "job.log").write_text(LOG)
    shown = CliRunner().invoke(app, ["ci-log", str(tmp_path / "job.log"), "--budget", "200"])
    assert shown.exit_code == 0
    assert "902  src/pay.c:2:12: error: 'amout' undeclared" in shown.stdout
    assert "the failed step" in shown.stdout
    assert "of 200 tokens" in shown.stdout


def test_standard_input_and_a_green_log_as_json(tmp_path: Path) -> None:
    (tmp_path / "green.log").write_text("##[group]Run make\n" + "fine\n" * 900)
    command = ["ci-log", "-", "--green", str(tmp_path / "green.log"), "--budget", "200", "--json"]
    shown = CliRunner().invoke(app, command, input=LOG)
    taken = json.loads(shown.stdout)
    assert taken["unseen"] == 2
    assert taken["tokens"] <= 200
    assert taken["references"] == [{"path": "src/pay.c", "line": 2, "log_line": 902}]


def test_a_key_in_a_log_is_masked(tmp_path: Path) -> None:
    key = "ghp_" + "a1B2" * 9
    (tmp_path / "job.log").write_text(f"error: push with {key} failed\n")
    for more in ([], ["--json"]):
        shown = CliRunner().invoke(app, ["ci-log", str(tmp_path / "job.log"), *more])
        assert key not in shown.stdout


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    failed = CliRunner().invoke(app, ["ci-log", str(tmp_path / "none.log")])
    assert isinstance(failed.exception, UserError)
