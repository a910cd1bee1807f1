"""Analyzers: content on standard input, isolated, added lines only."""

import asyncio
import gc
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from reviewers.context.snapshot import FileStatus
from reviewers.seats.analyzers.analyzer_seat import AnalyzerSeat
from reviewers.seats.analyzers.hidden import HiddenCharacters
from reviewers.seats.analyzers.process import run
from reviewers.seats.analyzers.ruff import Ruff
from reviewers.seats.seat import Ballot
from reviewers.values.finding import Severity
from reviewers.values.verdict import Outcome
from tests.reviewers.samples import BRIEF, changed, snapshot

SEAT = AnalyzerSeat(Ruff(), time.monotonic)


async def test_ruff_reports_bugs_on_added_lines_only() -> None:
    base = "def old(x=[]):\n    return x\n"
    head = base + "\n\ndef new(y={}):  # noqa\n    assert (y, 'never fails')\n    return y\n"
    opinion = await SEAT.opine(BRIEF, snapshot(changed("a.py", base, head), changed("b.js", "", "x\n")))
    assert opinion.outcome is Outcome.ANSWERED
    assert [finding.location.line for finding in opinion.findings] == [6]
    assert opinion.findings[0].quote == "    assert (y, 'never fails')"
    assert opinion.findings[0].symbol == "new"
    assert opinion.unseen == ("b.js",)


async def test_ruff_reads_no_configuration_of_the_folder_it_runs_in(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text('[lint.per-file-ignores]\n"*" = ["B006"]\n')
    alarms = await Ruff(partial(run, folder=str(tmp_path))).alarms("a.py", "def old(x=[]):\n    return x\n", 20)
    assert [alarm.rule for alarm in alarms] == ["B006"]


async def test_deleted_and_generated_files_are_not_read() -> None:
    shown = snapshot(changed("a.py", "x = y\n", None, status=FileStatus.REMOVED), changed("a_pb2.py", "", "x = y\n"))
    opinion = await SEAT.opine(BRIEF, shown)
    assert opinion.findings == ()
    assert set(opinion.unseen) == {"a.py", "a_pb2.py"}


async def test_a_file_that_does_not_parse_is_not_a_failure() -> None:
    opinion = await SEAT.opine(BRIEF, snapshot(changed("a.py", "", "def f(:\n")))
    assert opinion.outcome is Outcome.ANSWERED


async def test_an_analyzer_does_not_vote() -> None:
    critique = await SEAT.critique(Ballot(brief=BRIEF, snapshot=snapshot(), proposals=()))
    assert critique.outcome is Outcome.ABSTAINED


async def test_a_process_sees_its_input_and_no_environment() -> None:
    ran = await run((sys.executable, "-c", "import os, sys; print(sys.stdin.read(), sorted(set(os.environ) - {'LC_CTYPE'}))"), "héllo", 10)
    assert ran.ok
    assert ran.output.strip() == "héllo ['HOME', 'PATH']"


@pytest.mark.parametrize(
    ("code", "seconds", "problem"),
    [
        ("import time; time.sleep(60)", 0.3, "took longer"),
        ("print('x' * 9_000_000)", 20, "printed too much"),
    ],
)
async def test_a_process_is_bounded(code: str, seconds: float, problem: str) -> None:
    ran = await run((sys.executable, "-c", code), "input " * 100_000, seconds)
    assert not ran.ok
    assert problem in ran.problem


def test_a_stopped_process_leaves_no_pipe_open() -> None:
    endless = "import os\nwhile True: os.write(1, b'x' * 1_000_000)"
    for _ in range(2):
        asyncio.run(run((sys.executable, "-c", endless), "input " * 100_000, 0.2))
        gc.collect()


async def test_a_missing_program_is_a_value() -> None:
    assert not (await run(("/nonexistent/program",), "", 5)).ok


HIDDEN = AnalyzerSeat(HiddenCharacters(), time.monotonic)


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("access = 'user\u202e \u2066// only admins\u2069 \u2066'", Severity.HIGH),
        ("note = 'x\U000e0041\U000e0042'", Severity.HIGH),
        ("is\u200badmin = True", Severity.MEDIUM),
        ("na\u200dme = 1", Severity.MEDIUM),
        ("x\u3164 = 1", Severity.MEDIUM),
        ("family = '\U0001f468\u200d\U0001f469'", None),
        ("heart = '\u2764\ufe0f'", None),
        ("\ufeffimport os", None),
        ("name = 'می\u200cخواهم'", None),
        ("plain = 1", None),
    ],
)
async def test_hidden_characters_are_reported_on_added_lines(line: str, severity: Severity | None) -> None:
    opinion = await HIDDEN.opine(BRIEF, snapshot(changed("a.go", "old\u202e = 1\n", f"old\u202e = 1\n{line}\n")))
    assert [(finding.location.line, finding.severity) for finding in opinion.findings] == ([(2, severity)] if severity else [])
