"""Joins the several calls of a seat that read a change in parts into one turn."""

from collections.abc import Iterable, Sequence

from reviewers.criteria import joined_words
from reviewers.seats.parsing import Malformed
from reviewers.values.finding import Discarded, Finding, Location
from reviewers.values.reading import ReadingNote, ReadingProblem, SeatReading, join_readings
from reviewers.values.verdict import Critique, Opinion, Outcome, Usage


def joined_opinion(read: Sequence[Opinion], files: Sequence[tuple[str, ...]], unseen: tuple[str, ...]) -> Opinion:
    """One opinion from those on each part. A part without an answer leaves its files unseen; without any, it is the first failure."""
    failed = [index for index, opinion in enumerate(read) if opinion.outcome is not Outcome.ANSWERED]
    lost = tuple(path for index in failed for path in files[index])
    first = next((opinion for opinion in read if opinion.outcome is Outcome.ANSWERED), read[0])
    reasons = [f"part {index + 1} of {len(read)}: {read[index].reason or read[index].outcome}" for index in failed]
    reasons += dict.fromkeys(opinion.reason for opinion in read if opinion.outcome is Outcome.ANSWERED and opinion.reason)
    findings = _once(finding for opinion in read for finding in opinion.findings)
    discarded = tuple(claim for opinion in read for claim in opinion.discarded)
    return Opinion(
        seat=first.seat,
        outcome=first.outcome,
        findings=findings,
        discarded=discarded,
        usage=sum((opinion.usage for opinion in read), Usage()),
        seconds=max(opinion.seconds for opinion in read),
        reason=first.reason if len(read) == 1 else "; ".join(reasons),
        unseen=tuple(dict.fromkeys((*unseen, *lost))),
        dropped=tuple(dict.fromkeys(name for opinion in read for name in opinion.dropped)),
        through=next((opinion.through for opinion in read if opinion.through), ""),
        looks=tuple(look for opinion in read for look in opinion.looks),
        changes=tuple({line.group: line for opinion in reversed(read) for line in reversed(opinion.changes)}.values()),
        criteria=joined_words(word for opinion in read for word in opinion.criteria),
        reading=_joined(
            [opinion.reading for opinion in read], len(failed) if first.outcome is Outcome.ANSWERED else 0, claim_notes(findings, discarded)
        ),
    )


def joined_critique(seat: str, judged: Sequence[Critique]) -> Critique:
    """One critique from those on each part; the proposals of a part without an answer count as missing votes."""
    if not judged:
        return Critique(seat=seat, outcome=Outcome.ABSTAINED, reason="there was nothing to judge")
    first = next((critique for critique in judged if critique.outcome is Outcome.ANSWERED), judged[0])
    lost = sum(critique.outcome is not Outcome.ANSWERED for critique in judged)
    return Critique(
        seat=seat,
        outcome=first.outcome,
        votes=tuple(vote for critique in judged for vote in critique.votes),
        same=tuple(pair for critique in judged for pair in critique.same),
        usage=sum((critique.usage for critique in judged), Usage()),
        seconds=max(critique.seconds for critique in judged),
        reason="; ".join(dict.fromkeys(critique.reason for critique in judged if critique.reason)),
        through=next((critique.through for critique in judged if critique.through), ""),
        looks=tuple(look for critique in judged for look in critique.looks),
        reading=_joined([critique.reading for critique in judged], lost if first.outcome is Outcome.ANSWERED else 0, ()),
    )


def discard_malformed(seat: str, items: Iterable[Malformed]) -> tuple[Discarded, ...]:
    """Adds the items of a seat's answer that could not be read to the discarded claims."""
    return tuple(Discarded(seat=seat, title=item.title, path=item.path, reason=f"malformed: {item.reason}") for item in items)


def claim_notes(kept: Sequence[object], discarded: Sequence[Discarded]) -> tuple[ReadingNote, ...]:
    """The notes on claims that are not posted: none of them, some or all."""
    problem = ReadingProblem.SOME_DISCARDED if kept else ReadingProblem.ALL_DISCARDED
    return (ReadingNote(problem=problem, count=len(discarded)),) if discarded else ()


def _joined(readings: Iterable[SeatReading], lost: int, claims: tuple[ReadingNote, ...]) -> SeatReading:
    """The notes of all parts, except those on discarded claims, which are counted over all parts together."""
    counted = (ReadingProblem.SOME_DISCARDED, ReadingProblem.ALL_DISCARDED)
    notes = [note for note in join_readings(readings).notes if note.problem not in counted]
    if lost:
        notes.append(ReadingNote(problem=ReadingProblem.PART_LOST, count=lost))
    return SeatReading(notes=(*notes, *claims))


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Without claims that a seat repeats at one place in two parts."""
    found: dict[tuple[str, Location], Finding] = {}
    for finding in findings:
        found.setdefault((finding.title.casefold(), finding.location), finding)
    return tuple(found.values())
