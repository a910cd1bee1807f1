"""Measures how often a distorted quote of an added line, with a wrong line number, is anchored to its place, to none, or to a wrong one."""

import keyword
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from benchmarks.bars import Bar, Count, at_least, at_most, exactly, judged, skipped
from benchmarks.history import History
from benchmarks.misquoting import DISTORTIONS, Case, Place, is_harmless, spot
from benchmarks.offline import no_sockets
from benchmarks.options import Options, progress
from reviewers.anchoring.anchor import anchor
from reviewers.anchoring.suggestion import apply_suggestion
from reviewers.context.diff import FileDiff, Row, parse
from reviewers.context.diff_index import index
from reviewers.context.reviewable import why_not
from reviewers.context.snapshot import ChangedFile, FileStatus, Snapshot
from reviewers.values.brief import Brief
from reviewers.values.finding import Category, Finding, FindingClaim, Location, Severity, Side

OFFSETS = (0, 1, 3, 10, 25, None)
LINES = 2_650
WORDED = 5
_A_FILE = 6
_BRIEF = Brief(seed="")
_RESERVED = frozenset({"function", "const", "switch", "case", "public", "private", "static", "void", "struct", "package", "func", "type"})


class Given(NamedTuple):
    """A changed file and its rows."""

    file: ChangedFile
    diff: FileDiff


def run(options: Options) -> dict[str, object]:
    if reason := History(options.repo).missing:
        return skipped(reason)
    with no_sockets():
        return _run(options)


def _run(options: Options) -> dict[str, object]:
    dice = random.Random(options.seed)
    wanted = options.n or (60 if options.small else LINES)
    tally: Counter[str] = Counter()
    decidable: Counter[str] = Counter()
    by: dict[str, Counter[str]] = {}
    suggestions: Counter[str] = Counter()
    lines = 0
    for given in changed_files(options):
        rows = [(hunk, at) for hunk in given.diff.hunks for at, row in enumerate(hunk.rows) if row.mark == "+" and is_worded(row.text)]
        for hunk, at in dice.sample(rows, min(_A_FILE, len(rows))):
            lines += 1
            snapshot = snapshot_of(given.file)
            for name, distort in DISTORTIONS.items():
                case = distort(dice, spot(given.diff, hunk, at))
                offset = dice.choice(OFFSETS)
                line = None if offset is None else max(1, case.place.start + dice.choice((-1, 1)) * offset)
                ended = _judge(case, line, snapshot, given.diff)
                tally[ended] += 1
                decidable[ended] += case.decidable(line)
                by.setdefault(name, Counter())[ended] += 1
                by.setdefault(f"line {'absent' if offset is None else offset}", Counter())[ended] += 1
            suggestions[_suggested(given, hunk.rows[at])] += 1
        if lines >= wanted:
            break
    _told(by)
    return _measured(options, (tally, decidable), suggestions, lines)


def is_worded(text: str) -> bool:
    """Whether anybody would quote this line by itself: not a lone bracket, not `else:`."""
    return sum(char.isalnum() for char in text) >= WORDED


def _told(by: Mapping[str, Counter[str]]) -> None:
    for name, counts in by.items():
        shares = (f"{what} {counts[what] / counts.total():.3f}" for what in ("right", "wrong", "none", "unfounded"))
        progress(f"{name:>16}: {', '.join(shares)}")


def _measured(options: Options, tallies: tuple[Counter[str], Counter[str]], suggestions: Counter[str], lines: int) -> dict[str, object]:
    """The shares of all cases, and of those that quote and line can decide: the others are `ceiling` to 1."""
    tally, decidable = tallies
    cases = tally.total()
    share = {name: round(tally[name] / cases, 4) if cases else 0.0 for name in ("right", "wrong", "none", "unfounded")}
    of_these = {f"{name}_decidable": round(decidable[name] / max(1, decidable.total()), 4) for name in ("right", "wrong")}
    counted = Count("cases", cases, 2_000, small=200, asked=True)
    # Nearly every line takes a suggestion, so a lost suggestion is as wrong as a misplaced one.
    offered = suggestions.total() - suggestions["unknown"]
    applied_to = Count("suggestions_applied", suggestions["good"], max(1, round(0.9 * offered)), small=max(1, round(0.85 * offered)))
    bars = (
        Bar("right", share["right"], at_least(0.97, small=0.9), (counted,)),
        Bar("wrong", round(share["wrong"] + share["unfounded"], 4), at_most(0.01, small=0.03), (counted,)),
        Bar("outside", tally["outside"], exactly(0), (counted,)),
        Bar("suggestions", suggestions["bad"], exactly(0), (counted, applied_to)),
    )
    measured = {
        "lines": lines,
        "cases": cases,
        **share,
        "ceiling": round(decidable.total() / cases, 4) if cases else 0.0,
        **of_these,
        "outside": tally["outside"],
        "suggestions_applied": suggestions["good"],
        "suggestions_bad": suggestions["bad"],
    }
    return judged(options, measured, bars)


def changed_files(options: Options) -> Iterator[Given]:
    """The files that the repository's commits changed and that models are shown, the newest commit first."""
    history = History(options.repo)
    pairs = history.changes(options.commits or (10 if options.small else 0))
    for base, head in pairs:
        found = index(history.diff(base, head).decode("utf-8", "replace"))
        for entry in found.files:
            if not entry.additions or entry.status not in (FileStatus.MODIFIED, FileStatus.ADDED, FileStatus.RENAMED):
                continue
            patch = found.patch(entry)
            file = ChangedFile(
                path=entry.path,
                previous_path=entry.previous_path,
                status=entry.status,
                additions=entry.additions,
                patch=patch,
                head=history.content(head, entry.path),
                base=None if entry.status is FileStatus.ADDED else history.content(base, entry.previous_path or entry.path),
            )
            diff = parse(entry.path, patch)
            if diff is not None and not why_not(_BRIEF, file) and len(patch or "") < 400_000:
                yield Given(file, diff)


def _judge(case: Case, line: int | None, snapshot: Snapshot, diff: FileDiff) -> str:
    """Right: at its place, or nowhere if the quote is ambiguous or one of its meaningful tokens is not in the file."""
    found = anchor("seat", _claimed(diff.path, case.quote, line), snapshot)
    location = found.location if isinstance(found, Finding) else Location(path=None)
    texts = [text for file in snapshot.files for text in (file.head, file.base) if text]
    harmless = is_harmless(case, texts)
    if location.line is None:
        return "right" if not harmless or (line is None and case.several) else "none"
    if not harmless:
        return "unfounded"
    if not _commentable(location, diff):
        return "outside"
    if line is None and case.several:
        return "wrong"
    placed = Place(location.start_line or location.line, location.line)
    return "right" if placed == case.place and location.side is Side.RIGHT else "wrong"


def _claimed(path: str, quote: str, line: int | None) -> FindingClaim:
    title, body = "Something breaks", "It raises when the list is empty."
    return FindingClaim(title=title, body=body, severity=Severity.LOW, category=Category.CORRECTNESS, path=path, quote=quote, line=line)


def _commentable(location: Location, diff: FileDiff) -> bool:
    ends = {location.start_line or location.line, location.line}
    return any(ends <= {row.number(location.side) for row in hunk.rows} for hunk in diff.hunks)


def _suggested(given: Given, row: Row) -> str:
    """Whether a suggestion on a line, in a model's format, gives the head file with just that line replaced."""
    head, number = given.file.head, row.new or 0
    if head is None:
        return "unknown"
    # A name replaced by another one parses like the original line.
    names = [match for match in re.finditer(r"[A-Za-z_]{4,}", row.text) if not keyword.iskeyword(match[0]) and match[0] not in _RESERVED]
    if not names:
        return "unknown"
    changed = f"{row.text[: names[-1].start()]}renamed_{row.text[names[-1].start() :]}".strip()
    claim = _claimed(given.diff.path, row.text, number).model_copy(update={"suggestion": changed})
    found = anchor("seat", claim, snapshot_of(given.file))
    if not isinstance(found, Finding) or found.suggestion is None or found.location.line != number:
        return "none"
    after = apply_suggestion(head, found.location, found.suggestion)
    lines = head.split("\n")
    indent = row.text[: len(row.text) - len(row.text.lstrip())]
    end = "\r" if lines[number - 1].endswith("\r") else ""
    lines[number - 1] = f"{indent}{changed}{end}"
    return "good" if after == "\n".join(lines) else "bad"


def snapshot_of(file: ChangedFile) -> Snapshot:
    """A pull request of one file."""
    return Snapshot(
        repository="a/b",
        number=1,
        url="",
        title="",
        body="",
        author="",
        base_ref="",
        base_sha="",
        head_ref="",
        head_sha="",
        files=(file,),
    )
