"""The view of what models were shown: the masked snapshot, and what each model did not get."""

from dataclasses import dataclass

from reviewers.context.redaction import redact
from reviewers.context.snapshot import Snapshot
from reviewers.values.verdict import SeatReport, Verdict

# Keeps the page small enough for phones; the rest is on GitHub at the commit.
_MOST_LETTERS, _MOST_OF_ONE = 120_000, 20_000


@dataclass(frozen=True)
class ShownPart:
    """A part of the material; `left_out` is the number of characters that the page omits."""

    name: str
    text: str
    about: str = ""
    left_out: int = 0


@dataclass(frozen=True)
class ShownGroup:
    """Parts of one kind."""

    title: str
    parts: tuple[ShownPart, ...]


@dataclass(frozen=True)
class ShownSeat:
    """A seat, with notes on what it did not read or answer; no notes if it read everything."""

    report: SeatReport
    notes: tuple[str, ...]


def list_material(snapshot: Snapshot) -> tuple[ShownGroup, ...]:
    """The content of a run's prompts by group, without empty groups."""
    masked, left = redact(snapshot), _MOST_LETTERS
    wanted = (
        ("Title and description", ((masked.title, masked.body, f"by {masked.author}"),)),
        ("Changed files", tuple((file.path, file.patch or "", file.status.value) for file in masked.files)),
        ("Related code", tuple((f"{code.path}:{code.first}", code.text, code.reason) for code in masked.related)),
        ("Guidelines", tuple((guideline.path, guideline.text, "") for guideline in masked.guidelines)),
        ("Linked issues", tuple((f"#{issue.number} {issue.title}", issue.body, "") for issue in masked.linked_issues)),
        ("Failing checks", tuple((check.name, "\n".join(check.lines), check.left_out) for check in masked.failing_checks)),
        ("Commit messages", (("", "\n".join(commit.message for commit in masked.commits), ""),) if masked.commits else ()),
    )
    groups = []
    for title, parts in wanted:
        shown_parts = []
        for name, text, about in parts:
            kept = text[: min(_MOST_OF_ONE, left)]
            left -= len(kept)
            shown_parts.append(ShownPart(name, kept, about, len(text) - len(kept)))
        if shown_parts:
            groups.append(ShownGroup(title, tuple(shown_parts)))
    return tuple(groups)


def list_seats(verdict: Verdict) -> tuple[ShownSeat, ...]:
    """The models with notes on incomplete readings."""
    return tuple(ShownSeat(seat, tuple(note.problem.value for note in seat.reading.notes)) for seat in verdict.seats if seat.is_model)
