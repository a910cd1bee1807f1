"""The text of every surface if a model did not read everything, or if there was nothing to read."""

import json

import pytest

from app.configuration.repository_config import GateConfig, RepositoryConfig
from app.reporters import check_run
from app.reporters.sarif import to_sarif
from app.reporters.text import plain_text, summary_text
from app.reporters.text.phrases import heading, readings
from reviewers.values.finding import Discarded
from reviewers.values.reading import ReadingNote, ReadingProblem, SeatReading
from reviewers.values.verdict import Outcome, SeatReport, Verdict
from tests.app.cli.printed import printed
from tests.app.reporters.editions import edition, ranked, snapshot, verdict

CUT = SeatReading(notes=(ReadingNote(problem=ReadingProblem.CUT_OFF, count=2),))
GHOSTS = SeatReading(notes=(ReadingNote(problem=ReadingProblem.ALL_DISCARDED, count=3),))
SOME = SeatReading(notes=(ReadingNote(problem=ReadingProblem.SOME_DISCARDED, count=1),))


def with_readings(given: Verdict, *readings_: SeatReading | Outcome) -> Verdict:
    """The verdict with these readings or outcomes for its seats."""

    def changed(seat: SeatReport, reading: SeatReading | Outcome) -> SeatReport:
        if isinstance(reading, Outcome):
            return seat.model_copy(update={"opinion": reading})
        return seat.model_copy(update={"reading": reading, "reason": str(reading)})

    seats = tuple(changed(seat, reading) for seat, reading in zip(given.seats, readings_, strict=True))
    return given.model_copy(update={"seats": seats})


WHOLE = SeatReading()
ALL_READ = with_readings(verdict(), WHOLE, SOME, WHOLE)
ONE_CUT = with_readings(verdict(), CUT, WHOLE, WHOLE)
TWO_CUT = with_readings(verdict(), CUT, GHOSTS, WHOLE)
SILENT = with_readings(verdict(), Outcome.TIMEOUT, CUT, WHOLE)
EMPTY = verdict(seats=(), answered=0, quorum=0, unreviewable="no file of this change is reviewed: lock file")


@pytest.mark.parametrize(
    ("given", "said", "who"),
    [
        (ALL_READ, "Council: nothing to fix", ""),
        (ONE_CUT, "Council: nothing to fix", "2 of 3 models read everything; gpt-5.5 was cut off"),
        (
            TWO_CUT,
            "Council: nothing found in what was read · 1 of 3 models complete",
            "1 of 3 models read everything; gpt-5.5 was cut off; claude-opus-5-5 made only claims without valid evidence",
        ),
        (
            SILENT,
            "Council: nothing found in what was read · 1 of 3 models complete",
            "1 of 3 models read everything; gpt-5.5 timed out; claude-opus-5-5 was cut off",
        ),
        (EMPTY, "Council: nothing to review", ""),
    ],
)
def test_nothing_to_fix_needs_a_quorum_that_read_everything(given: Verdict, said: str, who: str) -> None:
    assert (heading(given), readings(given, str)) == (said, who)


@pytest.mark.parametrize(
    ("given", "gate", "ended", "title"),
    [
        (ALL_READ, GateConfig(), "success", "Nothing to fix · 3 of 3 models"),
        (ONE_CUT, GateConfig(), "success", "Nothing to fix · 3 of 3 models"),
        (TWO_CUT, GateConfig(), "neutral", "Nothing found in what was read · 1 of 3 models complete"),
        (
            TWO_CUT,
            GateConfig(enabled=True, incomplete="action_required"),
            "action_required",
            "Nothing found in what was read · 1 of 3 models complete",
        ),
        (TWO_CUT, GateConfig(incomplete="action_required"), "neutral", "Nothing found in what was read · 1 of 3 models complete"),
        (EMPTY, GateConfig(), "neutral", "Nothing to review"),
        (with_readings(verdict(ranked("Average of nothing")), CUT, CUT, WHOLE), GateConfig(), "neutral", "1 high · 1 of 3 models complete"),
        (
            with_readings(verdict(ranked("Average of nothing")), CUT, CUT, WHOLE),
            GateConfig(enabled=True, confirmed_by_another_vendor=False),
            "failure",
            "1 high · 1 of 3 models complete",
        ),
    ],
)
def test_a_green_check_needs_a_complete_quorum(given: Verdict, gate: GateConfig, ended: str, title: str) -> None:
    concluded = check_run.conclusion(edition(verdict=given, config=RepositoryConfig(gate=gate)))
    assert (concluded.conclusion, concluded.title) == (ended, title)


def test_the_summary_names_incomplete_readings_first() -> None:
    lines = summary_text.render(edition(verdict=ONE_CUT), "<!-- m -->").split("\n\n")
    assert lines[1] == "2 of 3 models read everything; gpt-5.5 was cut off. 1 file read; 1 file not read, listed below."
    lines = summary_text.render(edition(verdict=EMPTY), "<!-- m -->").split("\n\n")
    assert lines[:2] == ["### Council: nothing to review", "No file of this change is reviewed: lock file."]


DISCARDED = TWO_CUT.model_copy(
    update={
        "discarded": (Discarded(seat="claude-opus-5-5", title="TLS is off", path="cart.py", reason="the quoted code is not in cart.py"),)
    }
)


def test_every_surface_lists_discards_and_cut_offs() -> None:
    from app.reporters.terminal import render

    told = {
        "summary": summary_text.render(edition(verdict=DISCARDED), "<!-- m -->"),
        "terminal": printed(render(DISCARDED, snapshot())),
        "plain": plain_text.verdict(DISCARDED),
        "sarif": to_sarif(DISCARDED),
        "json": DISCARDED.model_dump_json(),
    }
    for surface, text in told.items():
        flat = " ".join(text.split())
        assert "TLS is off" in flat and "the quoted code is not in" in flat, surface
        assert "cut off after 2 findings" in flat or surface == "json", surface
        assert "all 3 claims were discarded" in flat or surface == "json", surface


def test_sarif_says_when_nothing_can_be_concluded() -> None:
    notes = json.loads(to_sarif(DISCARDED))["runs"][0]["invocations"][0]
    assert notes["executionSuccessful"] is False
    assert [(each["level"], each["message"]["text"]) for each in notes["toolExecutionNotifications"]] == [
        ("warning", "nothing found in what was read · 1 of 3 models complete"),
        ("warning", "gpt-5.5 answered: cut off after 2 findings"),
        ("warning", "claude-opus-5-5 answered: all 3 claims were discarded"),
        ("note", "discarded: claude-opus-5-5: TLS is off (cart.py): the quoted code is not in cart.py"),
    ]
    assert json.loads(to_sarif(ALL_READ))["runs"][0]["invocations"][0]["executionSuccessful"] is True
