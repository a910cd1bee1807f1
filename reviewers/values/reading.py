"""Change here when a seat's reading is complete, and how its problems are described."""

from collections.abc import Iterable
from enum import StrEnum

from reviewers.values.value import FrozenValue


class ReadingProblem(StrEnum):
    """A problem of an answer, or of the prompt before it."""

    CUT_OFF = "cut off"
    THINKING = "thinking used the whole answer"
    PROMPT_CUT = "the host cut the prompt"
    PART_LOST = "part not read"
    ALL_DISCARDED = "all claims discarded"
    SOME_DISCARDED = "some claims discarded"
    UNREADABLE = "unreadable"
    TOO_MANY = "too many"
    REPAIRED = "repaired"


# After any of these, an answer without a defect does not say that there is none.
_INCOMPLETE = frozenset(
    {
        ReadingProblem.CUT_OFF,
        ReadingProblem.THINKING,
        ReadingProblem.PROMPT_CUT,
        ReadingProblem.PART_LOST,
        ReadingProblem.ALL_DISCARDED,
    }
)


class ReadingNote(FrozenValue):
    """One problem. `count` is the number of items kept before a cut, parts lost, claims discarded, items unreadable or too many; else 0.

    `items` says what was counted: "findings", "votes" or "solutions".
    """

    problem: ReadingProblem
    count: int = 0
    items: str = "findings"

    def __str__(self) -> str:
        """A clause that follows the seat's name and a colon: "cut off after 2 findings"."""
        counted = f"{self.count} {self.items.removesuffix('s') if self.count == 1 else self.items}"
        claims = "claim" if self.count == 1 else "claims"
        return {
            ReadingProblem.CUT_OFF: f"cut off after {counted}",
            ReadingProblem.THINKING: "its thinking used the whole answer",
            ReadingProblem.PROMPT_CUT: "its host cut the prompt",
            ReadingProblem.PART_LOST: f"{self.count} {'part' if self.count == 1 else 'parts'} of the change got no answer",
            ReadingProblem.ALL_DISCARDED: f"all {self.count} {claims} were discarded" if self.count != 1 else "its one claim was discarded",
            ReadingProblem.SOME_DISCARDED: f"{self.count} {claims} {'was' if self.count == 1 else 'were'} discarded",
            ReadingProblem.UNREADABLE: f"{counted} {'was' if self.count == 1 else 'were'} unreadable",
            ReadingProblem.TOO_MANY: f"{counted} too many {'was' if self.count == 1 else 'were'} not read",
            ReadingProblem.REPAIRED: "its answer had to be repaired",
        }[self.problem]


class SeatReading(FrozenValue):
    """The notes on a seat's reading; without notes, the whole prompt was sent and the whole answer decoded."""

    notes: tuple[ReadingNote, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether an empty list from this seat means that it found nothing."""
        return not any(note.problem in _INCOMPLETE for note in self.notes)

    def has(self, problem: ReadingProblem) -> bool:
        """Whether there is a note of that problem."""
        return any(note.problem is problem for note in self.notes)

    def count(self, problem: ReadingProblem) -> int:
        """The sum of the counts of that problem."""
        return sum(note.count for note in self.notes if note.problem is problem)

    def __str__(self) -> str:
        """The notes in words, "" without any."""
        return "; ".join(str(note) for note in self.notes)


def join_readings(readings: Iterable[SeatReading]) -> SeatReading:
    """The readings of several calls as one: notes of one problem and kind are added up."""
    counts: dict[tuple[ReadingProblem, str], int] = {}
    for reading in readings:
        for note in reading.notes:
            key = note.problem, note.items
            counts[key] = counts.get(key, 0) + note.count
    return SeatReading(notes=tuple(ReadingNote(problem=problem, count=count, items=items) for (problem, items), count in counts.items()))
