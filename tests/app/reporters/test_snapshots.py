"""What a pull request shows, word for word: the summary comment, the check run and an inline comment."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from app.reporters import check_run, terminal
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text import ci_text, inline_text, plain_text, summary_text
from reviewers.context.snapshot import EarlierCommit
from reviewers.values.finding import Category, Discarded, Evidence, Severity
from reviewers.values.reading import ReadingNote, ReadingProblem, SeatReading
from reviewers.values.verdict import Outcome, ProposalStanding, RankingInputs, SeatFacts, SeatVote, Stance
from tests.app.reporters.editions import SEATS, edition, ranked, verdict
from tests.app.reporters.red_checks import RED
from tests.app.reporters.shapes import RACE, SHAPES
from tests.snapshots import MarkdownSnapshot

LINE = Evidence(path="cart.py", line=4, quote="def average(items):")
DIVIDES = ranked("An average of nothing divides by zero").model_copy(
    update={"votes": (SeatVote(seat=SEATS[1], stance=Stance.CONFIRM, evidence="No caller checks for an empty list.", proof=LINE),)}
)
DISPUTED = ranked("The total is rounded twice", ProposalStanding.DISPUTED, severity=Severity.MEDIUM)
NOTED = ranked("The name hides a built-in", ProposalStanding.NOTED, severity=Severity.LOW, category=Category.MAINTAINABILITY)
GHOST = Discarded(seat=SEATS[2], title="TLS verification is off", path="cart.py", reason="the quoted code is not in cart.py")
LOCKED = "no file of this change is reviewed: lock file"
CUT = SeatReading(notes=(ReadingNote(problem=ReadingProblem.CUT_OFF, count=1),))


def with_first_seat(given: ReviewToPublish, **values: object) -> ReviewToPublish:
    """The edition with these values for its first seat."""
    first, *others = given.verdict.seats
    seats = (first.model_copy(update=values), *others)
    return replace(given, verdict=given.verdict.model_copy(update={"seats": seats}))


def cut(given: ReviewToPublish) -> ReviewToPublish:
    """The edition with its first seat cut off."""
    return with_first_seat(given, reading=CUT, reason=str(CUT))


def written_by_an_agent() -> ReviewToPublish:
    """An edition of a change by a coding agent, in which the seat of its vendor counts half."""
    vendors = zip(SEATS, ("openai", "anthropic", "google"), strict=True)
    sittings = tuple(SeatFacts(seat=seat, vendor=vendor, weight=0.5 if vendor == "openai" else 1.0) for seat, vendor in vendors)
    message = "Average\n\nCo-authored-by: Codex <noreply@openai.com>"
    given = edition(DIVIDES, verdict=verdict(DIVIDES, minutes=RankingInputs(sittings=sittings)))
    return replace(given, snapshot=given.snapshot.model_copy(update={"commits": (EarlierCommit(sha="c" * 40, message=message),)}))


def failed() -> ReviewToPublish:
    """An edition of a council in which one of three seats answered."""
    told = verdict(answered=1, incomplete="1 of 3 seats answered, 2 are needed")
    late = {"opinion": Outcome.TIMEOUT, "reason": "no answer within 120 s"}
    seats = (told.seats[0], *(seat.model_copy(update=late) for seat in told.seats[1:]))
    return edition(verdict=told.model_copy(update={"seats": seats}))


EDITIONS = {
    "findings": edition(DIVIDES, DISPUTED, NOTED, verdict=verdict(DIVIDES, DISPUTED, NOTED, discarded=(GHOST,))),
    "nothing_to_fix": edition(),
    "one_seat_cut_off": cut(edition()),
    "one_complete_reading": cut(with_first_seat(edition(verdict=verdict(quorum=3)))),
    "nothing_to_review": edition(verdict=verdict(seats=(), answered=0, quorum=0, unreviewable=LOCKED)),
    "below_quorum": failed(),
}


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(MarkdownSnapshot)


@pytest.mark.parametrize("name", EDITIONS)
def test_summary_comment(name: str, golden: SnapshotAssertion) -> None:
    assert summary_text.render(EDITIONS[name], "<!-- council:summary run=r1 -->") == golden


@pytest.mark.parametrize("name", SHAPES)
def test_shape_of_the_comment(name: str, golden: SnapshotAssertion) -> None:
    assert summary_text.render(SHAPES[name], "<!-- council:summary run=r1 -->") == golden


def test_who_wrote_the_change(golden: SnapshotAssertion) -> None:
    assert summary_text.render(written_by_an_agent(), "<!-- council:summary run=r1 -->") == golden


def test_a_check_run_says_who_wrote_the_change(golden: SnapshotAssertion) -> None:
    assert check_run.conclusion(written_by_an_agent()).summary == golden


def test_a_terminal_says_who_wrote_the_change_as_well() -> None:
    given = written_by_an_agent()
    shown = Console(file=io.StringIO(), width=200)
    shown.print(terminal.render(given.verdict, given.snapshot))
    assert "Written with Codex: seats of OpenAI count half." in shown.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", RED)
def test_why_ci_is_red(name: str, golden: SnapshotAssertion) -> None:
    assert ci_text.section(RED[name], "https://github.com") == golden


@pytest.mark.parametrize("name", SHAPES)
def test_a_phone_shows_the_visible_part_whole(name: str) -> None:
    text = summary_text.render(SHAPES[name], "<!-- council:summary run=r1 -->")
    # A folded part shows only its heading.
    seen = re.sub(r"<details><summary>(.*?)</summary>.*?</details>", r"\1", text, flags=re.DOTALL)
    rows = [row for row in seen.splitlines() if row.strip() and not row.startswith("<!--")]
    assert len(rows) <= 25, "\n".join(rows)


@pytest.mark.parametrize("name", EDITIONS)
def test_check_run(name: str, golden: SnapshotAssertion) -> None:
    ended = check_run.conclusion(EDITIONS[name])
    notes = "\n".join(f"- {note.level} {note.path}:{note.start_line} **{note.title}** {note.message}" for note in ended.annotations)
    assert f"# {ended.title} ({ended.conclusion})\n\n{ended.summary}\n\n{notes}\n" == golden


@pytest.mark.parametrize("name", EDITIONS)
def test_plain_text_for_agents(name: str, golden: SnapshotAssertion) -> None:
    assert plain_text.verdict(EDITIONS[name].verdict) == golden


def test_inline_comment(golden: SnapshotAssertion) -> None:
    assert inline_text.comment(edition(), DIVIDES).body == golden


def test_inline_comment_with_a_suggestion(golden: SnapshotAssertion) -> None:
    assert inline_text.comment(SHAPES["one"], RACE).body == golden
