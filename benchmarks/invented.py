"""Checks that quotes with one invented token are never posted as if they existed, and that harmless distortions still find their line."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.anchoring import Given, changed_files, is_worded, snapshot_of
from benchmarks.bars import Bar, Count, at_least, at_most, judged, skipped
from benchmarks.history import History
from benchmarks.inventing import INVENTIONS, Line, is_part, permitted_part, squeezed
from benchmarks.misquoting import HARMLESS, spot
from benchmarks.offline import no_sockets
from benchmarks.options import Options, progress
from reviewers.anchoring.anchor import anchor
from reviewers.context.diff import Hunk
from reviewers.values.finding import Category, Finding, FindingClaim, Severity, Side

_LINES, _SMALL, _A_FILE = 1_200, 60, 6
_WORD = re.compile(r"[A-Za-z_]\w{3,}")
_HINTS = (0, 1, 3, None)


class Tally(NamedTuple):
    """Invented quotes and accepted ones by kind; harmless ones and those placed on their line by kind."""

    invented: Counter[str]
    accepted: Counter[str]
    harmless: Counter[str]
    kept: Counter[str]


def run(options: Options) -> dict[str, object]:
    if reason := History(options.repo).missing:
        return skipped(reason)
    with no_sockets():
        return _measured(options, _tallied(options))


def _tallied(options: Options) -> Tally:
    dice = random.Random(options.seed)
    wanted = options.n or (_SMALL if options.small else _LINES)
    tally = Tally(Counter(), Counter(), Counter(), Counter())
    words: list[str] = ["timeout", "verify", "retries"]
    lines = 0
    for given in changed_files(options):
        rows = [(hunk, at) for hunk in given.diff.hunks for at, row in enumerate(hunk.rows) if row.mark == "+" and is_worded(row.text)]
        for hunk, at in dice.sample(rows, min(_A_FILE, len(rows))):
            lines += 1
            _invent(dice, given, Line(hunk.rows[at].text, words), tally)
            _distort(dice, given, (hunk, at), tally)
        words = list(dict.fromkeys([*words[-2_000:], *_WORD.findall(given.file.head or "")[:2_000]]))
        if lines >= wanted:
            break
    return tally


def _invent(dice: random.Random, given: Given, line: Line, tally: Tally) -> None:
    """One quote of each kind, unless it exists elsewhere in the file by chance."""
    texts = [squeezed(text) for text in (given.file.head, given.file.base, line.text) if text]
    for kind, invent in INVENTIONS.items():
        quote = invent(dice, line)
        if quote is None or (kind != "negation" and is_part(quote, texts)) or _stands_alone(kind, quote, given):
            continue
        tally.invented[kind] += 1
        tally.accepted[kind] += isinstance(_claimed(given, quote, None), Finding)


def _stands_alone(kind: str, quote: str, given: Given) -> bool:
    """Whether the text that was cut from its negation also exists without one."""
    if kind != "negation":
        return False
    rows = "\n".join(squeezed(row.text) for hunk in given.diff.hunks for row in hunk.rows)
    whole = rows + "\n" + "\n".join(squeezed(row) for text in (given.file.head, given.file.base) if text for row in text.split("\n"))
    wanted = re.escape(squeezed(quote))
    return re.search(rf"(?:^|(?<!not)(?<!await)(?<!unless)(?<![!~+(-])){wanted}", whole, re.MULTILINE) is not None


def _distort(dice: random.Random, given: Given, place: tuple[Hunk, int], tally: Tally) -> None:
    hunk, at = place
    for kind, distort in HARMLESS.items():
        case = distort(dice, spot(given.diff, hunk, at))
        if case is None or len(case.starts) != 1:
            continue
        _tally_kept(dice, given, kind, (case.quote, case.place.start, case.place.end), tally)
    row = hunk.rows[at]
    part = permitted_part(dice, row.text)
    once = sum(squeezed(row.text) == squeezed(other.text) for each in given.diff.hunks for other in each.rows) == 1
    if part is not None and row.new is not None and once and _only_here(part, given):
        _tally_kept(dice, given, "part", (part, row.new, row.new), tally)


def _only_here(part: str, given: Given) -> bool:
    """Whether a part is on exactly one line of the new side; otherwise it would be ambiguous."""
    wanted = squeezed(part)
    return sum(squeezed(row.text).count(wanted) for hunk in given.diff.hunks for row in hunk.rows if row.new is not None) == 1


def _tally_kept(dice: random.Random, given: Given, kind: str, quoted: tuple[str, int, int], tally: Tally) -> None:
    quote, start, end = quoted
    hint = dice.choice(_HINTS)
    found = _claimed(given, quote, None if hint is None else max(1, start + dice.choice((-1, 1)) * hint))
    tally.harmless[kind] += 1
    if isinstance(found, Finding) and found.location.side is Side.RIGHT:
        where = found.location
        tally.kept[kind] += (where.start_line or where.line, where.line) == (start, end)


def _claimed(given: Given, quote: str, line: int | None) -> object:
    claim = FindingClaim(
        title="Something breaks",
        body="It raises when the list is empty.",
        severity=Severity.LOW,
        category=Category.CORRECTNESS,
        path=given.diff.path,
        quote=quote,
        line=line,
    )
    return anchor("seat", claim, snapshot_of(given.file))


def _measured(options: Options, tally: Tally) -> dict[str, object]:
    cases, kept_cases = tally.invented.total(), tally.harmless.total()
    accepted = tally.accepted.total() / cases if cases else None
    kept = tally.kept.total() / kept_cases if kept_cases else None
    by_kind = {kind: round(tally.accepted[kind] / tally.invented[kind], 4) for kind in tally.invented}
    kept_by_kind = {kind: round(tally.kept[kind] / tally.harmless[kind], 4) for kind in tally.harmless}
    for row in _rows(tally):
        progress(row)
    keys = {
        "cases": cases,
        "accepted": None if accepted is None else round(accepted, 4),
        "by_kind": by_kind,
        "kept_cases": kept_cases,
        "kept": None if kept is None else round(kept, 4),
        "kept_by_kind": kept_by_kind,
    }
    of_cases = Count("cases", cases, 2_000, small=200, asked=True)
    of_kept = Count("kept_cases", kept_cases, 2_000, small=200, asked=True)
    return judged(options, keys, (Bar("accepted", accepted, at_most(0.005), (of_cases,)), Bar("kept", kept, at_least(0.97), (of_kept,))))


def _rows(tally: Tally) -> Iterator[str]:
    for name, cases, good in (("accepted", tally.invented, tally.accepted), ("kept", tally.harmless, tally.kept)):
        for kind in _sorted(cases):
            yield f"{kind:>18}: {name} {good[kind]} of {cases[kind]}"


def _sorted(cases: Counter[str]) -> Sequence[str]:
    return sorted(cases)
