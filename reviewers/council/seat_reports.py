"""Reports what each seat did, and which files were not seen, and why."""

from collections import Counter
from collections.abc import Sequence

from reviewers.context.prompt_builder import NO_ROOM, TANGLED
from reviewers.context.reviewable import partly_read, skipped_files
from reviewers.context.snapshot import Snapshot
from reviewers.context.units import is_too_tangled
from reviewers.models.vendors import vendor_of
from reviewers.seats.seat import Member
from reviewers.values.brief import Brief
from reviewers.values.verdict import Coverage, Critique, Opinion, Outcome, SeatReport, Unseen, Usage


def seat_report(seat: Member, opinion: Opinion, judged: Sequence[Critique]) -> SeatReport:
    """A seat's two readings in one line."""
    critique = next((each for each in judged if each.seat == seat.name), None)
    reasons = [opinion.reason, str(opinion.reading)]
    reasons += [f"critique: {text}" for text in (critique.reason, str(critique.reading)) if text] if critique else []
    return SeatReport(
        seat=seat.name,
        vendor=speaking_vendor(seat, opinion),
        is_model=seat.is_model,
        opinion=opinion.outcome,
        critique=critique.outcome if critique else Outcome.ABSTAINED,
        findings=len(opinion.findings),
        usage=opinion.usage + (critique.usage if critique else Usage()),
        seconds=opinion.seconds + (critique.seconds if critique else 0.0),
        reason="; ".join(reason for reason in reasons if reason),
        through=opinion.through or (critique.through if critique else ""),
        reading=opinion.reading,
        looks=opinion.looks + (critique.looks if critique else ()),
    )


def speaking_vendor(seat: Member, opinion: Opinion) -> str:
    """The vendor whose model really answered: a local model that replaces another vendor's does not count for that vendor."""
    return vendor_of(opinion.through) if opinion.through else seat.vendor


def read_coverage(brief: Brief, snapshot: Snapshot, heard: Sequence[Opinion]) -> Coverage:
    """The files that were shown whole to all seats that answered."""
    answered = [opinion for opinion in heard if opinion.outcome is Outcome.ANSWERED]
    total = len(snapshot.files) + snapshot.unlisted
    if not answered:
        return Coverage(files=total, seen=0, unseen=skipped_files(brief, snapshot.files))
    unseen = [*skipped_files(brief, snapshot.files), *partly_read(snapshot.files)]
    known = {each.path for each in unseen}
    not_shown = Counter(path for opinion in answered for path in opinion.unseen)
    for file in snapshot.files:
        blind = not_shown[file.path]
        if blind and file.path not in known:
            unseen.append(Unseen(path=file.path, reason=f"{NO_ROOM} of {blind} of {len(answered)} seats"))
    around = (Unseen(path="the rest of the repository", reason=snapshot.unread_repository),) if snapshot.unread_repository else ()
    dropped = Counter(name for opinion in answered for name in opinion.dropped)
    # Of these files, the diff and the nearest lines were shown.
    knots = {file.path for file in snapshot.files if file.path in dropped and is_too_tangled(file.path, file.head or "")}
    blocks = tuple(
        Unseen(path=name, reason=TANGLED if name in knots else f"{NO_ROOM} of {count} of {len(answered)} seats")
        for name, count in sorted(dropped.items())
    )
    return Coverage(files=total, seen=len(snapshot.files) - len(unseen), unseen=tuple(unseen), dropped=(*around, *blocks))
