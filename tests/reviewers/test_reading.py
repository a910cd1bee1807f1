"""The value of a seat's reading, and its description."""

import pytest

from reviewers.values.reading import ReadingNote, ReadingProblem, SeatReading, join_readings

COMPLETE = {ReadingProblem.SOME_DISCARDED, ReadingProblem.UNREADABLE, ReadingProblem.REPAIRED, ReadingProblem.TOO_MANY}


@pytest.mark.parametrize("problem", list(ReadingProblem))
def test_only_harmless_problems_leave_a_reading_complete(problem: ReadingProblem) -> None:
    assert SeatReading(notes=(ReadingNote(problem=problem, count=1),)).complete is (problem in COMPLETE)


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (ReadingNote(problem=ReadingProblem.CUT_OFF, count=2), "cut off after 2 findings"),
        (ReadingNote(problem=ReadingProblem.TOO_MANY, count=2), "2 findings too many were not read"),
        (ReadingNote(problem=ReadingProblem.CUT_OFF, count=1, items="votes"), "cut off after 1 vote"),
        (ReadingNote(problem=ReadingProblem.ALL_DISCARDED, count=3), "all 3 claims were discarded"),
        (ReadingNote(problem=ReadingProblem.UNREADABLE, count=1, items="votes"), "1 vote was unreadable"),
        (ReadingNote(problem=ReadingProblem.THINKING), "its thinking used the whole answer"),
    ],
)
def test_a_note_is_a_clause(note: ReadingNote, words: str) -> None:
    assert str(note) == words


def test_the_readings_of_several_calls_are_added_up() -> None:
    cut, lost = ReadingNote(problem=ReadingProblem.CUT_OFF, count=2), ReadingNote(problem=ReadingProblem.UNREADABLE, count=1)
    joined = join_readings([SeatReading(notes=(cut,)), SeatReading(), SeatReading(notes=(cut, lost))])
    assert (joined.count(ReadingProblem.CUT_OFF), joined.count(ReadingProblem.UNREADABLE)) == (4, 1)
    assert str(joined) == "cut off after 4 findings; 1 finding was unreadable"
