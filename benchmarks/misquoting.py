"""The eight ways in which models misquote code, with the true place of each quote."""

import random
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA

from benchmarks.inventing import is_permitted, squeezed
from reviewers.context.diff import FileDiff, Hunk


class Place(NamedTuple):
    """First and last line on the new side."""

    start: int
    end: int


class Case(NamedTuple):
    """A quote, its true place, and the first lines of all places that it fits equally well.

    `original` is the code that was cut short or misspelled, or "" if no token was changed.
    """

    quote: str
    place: Place
    starts: tuple[int, ...]
    original: str = ""

    @property
    def several(self) -> bool:
        """Whether the quote alone is ambiguous."""
        return len(self.starts) > 1

    def decidable(self, line: int | None) -> bool:
        """Whether the true place is the nearest to the line among those that the quote fits; without a line, the right answer is none."""
        if line is None:
            return True
        off = abs(self.place.start - line)
        return all(abs(start - line) > off for start in self.starts if start != self.place.start)


class Side(NamedTuple):
    """The new side of a hunk: the number of its first line, and its texts."""

    first: int
    texts: tuple[str, ...]


class Spot(NamedTuple):
    """A line of the new side: its text, the lines after it in its hunk, and the new side of every hunk."""

    number: int
    run: tuple[str, ...]
    hunks: tuple[Side, ...]


def spot(diff: FileDiff, hunk: Hunk, at: int) -> Spot:
    """The row `at` of a hunk."""
    news = [[row for row in each.rows if row.new is not None] for each in diff.hunks]
    hunks = tuple(Side(rows[0].new or 0, tuple(row.text for row in rows)) for rows in news if rows)
    return Spot(hunk.rows[at].new or 0, tuple(row.text for row in hunk.rows[at:] if row.new is not None), hunks)


def as_is(_: random.Random, at: Spot) -> Case:
    return Case(at.run[0], Place(at.number, at.number), _equal(at, at.run[:1], str.rstrip))


def indentation_lost(_: random.Random, at: Spot) -> Case:
    return Case(at.run[0].strip(), Place(at.number, at.number), _equal(at, at.run[:1], _compact))


def rewrapped(dice: random.Random, at: Spot) -> Case:
    """Two lines joined, or one broken at a space."""
    text = at.run[0]
    gaps = [index for index, char in enumerate(text.strip()) if char == " "]
    if len(text.strip()) > 30 and gaps and dice.random() < 0.5:
        cut = dice.choice(gaps)
        quote = f"{text.strip()[:cut]}\n    {text.strip()[cut + 1 :]}"
        return Case(quote, Place(at.number, at.number), _equal(at, at.run[:1], _compact))
    lines = _filled(at.run, 2)
    return Case(" ".join(line.strip() for line in lines), _range(at, lines), _equal(at, lines, _compact))


def multi_line(dice: random.Random, at: Spot) -> Case:
    lines = _filled(at.run, dice.randrange(2, 6))
    return Case("\n".join(lines), _range(at, lines), _equal(at, lines, str.rstrip))


def elided(dice: random.Random, at: Spot) -> Case:
    """The middle of a run left out; of a lone line its end."""
    # A reader of "from this line to that" stops at the first match, so the last line must not occur before.
    lines = _filled(at.run, dice.randrange(3, 9))
    while len(lines) > 2 and (not lines[-1].strip() or any(line.strip() == lines[-1].strip() for line in lines[1:-1])):
        lines = lines[:-1]
    if len(lines) < 3:
        text = at.run[0]
        kept = text[: max(8, len(text) * 7 // 10)]
        return Case(f"{kept}...", Place(at.number, at.number), _starting(at, kept))
    opening = lines[: 1 if len(lines) == 3 else dice.choice((1, 2))]
    return Case(
        "\n".join([*opening, "    ...", lines[-1]]), _range(at, lines), _starts(at, lambda texts: _around(texts, opening, lines[-1]))
    )


def _around(hunk: Sequence[str], opening: Sequence[str], closing: str) -> list[int]:
    """The openings that a closing follows before the next opening."""
    starts = _windows(hunk, opening, str.rstrip)
    return [
        start
        for start, following in pairwise([*starts, len(hunk)])
        if any(line.rstrip() == closing.rstrip() for line in hunk[start + len(opening) : min(following, start + 40)])
    ]


def prefix(dice: random.Random, at: Spot) -> Case:
    text = at.run[0]
    bare = len(text) - len(text.lstrip())
    kept = text[: bare + max(6, (len(text) - bare) * dice.randrange(50, 81) // 100)]
    return Case(kept, Place(at.number, at.number), _starting(at, kept), original=text)


def case_or_quotes(_: random.Random, at: Spot) -> Case:
    text = at.run[0]
    swapped = text.translate({34: 39, 39: 34})
    quote = swapped if swapped != text else text.lower() if text.lower() != text else text.upper()
    same = _equal(at, at.run[:1], lambda line: line.rstrip().lower().replace('"', "'"))
    return Case(quote, Place(at.number, at.number), same, original="" if swapped != text else text)


def typo(dice: random.Random, at: Spot) -> Case:
    """One or two characters dropped, doubled, swapped or replaced."""
    chars = list(at.run[0])
    places = [index for index, char in enumerate(chars) if not char.isspace()]
    for _ in range(1 if len(places) < 20 else dice.choice((1, 2))):
        index = dice.choice(places)
        if index >= len(chars):
            continue
        match dice.randrange(4):
            case 0:
                del chars[index]
            case 1:
                chars.insert(index, chars[index])
            case 2 if index + 1 < len(chars):
                chars[index], chars[index + 1] = chars[index + 1], chars[index]
            case _:
                chars[index] = dice.choice("abcdefghij")
    return Case("".join(chars), Place(at.number, at.number), _equal(at, at.run[:1], str.rstrip), original=at.run[0])


DISTORTIONS: dict[str, Callable[[random.Random, Spot], Case]] = {
    "as is": as_is,
    "indentation lost": indentation_lost,
    "re-wrapped": rewrapped,
    "multi-line": multi_line,
    "elided": elided,
    "prefix": prefix,
    "case or quotes": case_or_quotes,
    "typo": typo,
}


def is_harmless(case: Case, texts: Sequence[str]) -> bool:
    """Whether a quote kept every meaningful token: a whole part of a line, or one misspelled word that is not in the files."""
    if not case.original or squeezed(case.quote) == squeezed(case.original):
        return True
    quoted, meant = re.findall(r"\w+|[^\w\s]", case.quote), re.findall(r"\w+|[^\w\s]", case.original)
    if quoted == meant[: len(quoted)]:
        return is_permitted(case.original, 0, len(quoted))
    changed = [(one, two) for one, two in zip(quoted, meant, strict=False) if one != two]
    if len(quoted) != len(meant) or not changed:
        return False
    strange = all(not any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text) for text in texts) for one, _ in changed)
    if all(one.casefold() == two.casefold() for one, two in changed):
        return strange
    one, two = changed[0]
    return len(changed) == 1 and strange and len(two) >= 5 and not re.search(r"\d", one + two) and OSA.distance(one, two) == 1


def misspelled(dice: random.Random, at: Spot) -> Case | None:
    """One letter dropped, doubled, swapped or replaced in a word of at least six letters without digits."""
    text = at.run[0]
    words = [found for found in re.finditer(r"[A-Za-z_]{6,}", text) if not text[found.end() : found.end() + 1].isdigit()]
    words = [found for found in words if not text[max(0, found.start() - 1) : found.start()].isdigit()]
    if not words:
        return None
    word = dice.choice(words)
    index = word.start() + dice.randrange(1, len(word[0]) - 1)
    match dice.randrange(4):
        case 0:
            quote = text[:index] + text[index + 1 :]
        case 1:
            quote = text[:index] + text[index] + text[index:]
        case 2:
            quote = text[:index] + text[index + 1] + text[index] + text[index + 2 :]
        case _:
            quote = text[:index] + dice.choice("qxz") + text[index + 1 :]
    return Case(quote, Place(at.number, at.number), _equal(at, at.run[:1], str.rstrip))


def marked(dice: random.Random, at: Spot) -> Case:
    """A line with its number and mark, as a model sees it, or with its mark alone."""
    quote = f"{at.number:>6} + {at.run[0]}" if dice.random() < 0.5 else f"+{at.run[0]}"
    return Case(quote, Place(at.number, at.number), _equal(at, at.run[:1], str.rstrip))


def fenced(_: random.Random, at: Spot) -> Case:
    return Case(f"```\n{at.run[0]}\n```", Place(at.number, at.number), _equal(at, at.run[:1], str.rstrip))


def marks_swapped(_: random.Random, at: Spot) -> Case | None:
    """Double quote marks for single ones, and vice versa."""
    swapped = at.run[0].translate({34: 39, 39: 34})
    return None if swapped == at.run[0] else Case(swapped, Place(at.number, at.number), _equal(at, at.run[:1], _one_kind))


def _one_kind(line: str) -> str:
    return line.rstrip().replace("'", '"')


# Changes that leave all meaningful tokens alone.
HARMLESS: dict[str, Callable[[random.Random, Spot], Case | None]] = {
    "as is": as_is,
    "indentation lost": indentation_lost,
    "re-wrapped": rewrapped,
    "multi-line": multi_line,
    "elided": elided,
    "quote marks": marks_swapped,
    "misspelled": misspelled,
    "marked": marked,
    "fenced": fenced,
}


def _filled(run: Sequence[str], size: int) -> tuple[str, ...]:
    """At most that many lines, the last of which is not blank: nobody quotes a blank end."""
    lines = list(run[:size])
    while not lines[-1].strip():
        lines.pop()
    return tuple(lines)


def _range(at: Spot, lines: Sequence[str]) -> Place:
    return Place(at.number, at.number + len(lines) - 1)


def _starts(at: Spot, find: Callable[[Sequence[str]], list[int]]) -> tuple[int, ...]:
    return tuple(side.first + index for side in at.hunks for index in find(side.texts))


def _equal(at: Spot, lines: Sequence[str], form: Callable[[str], str]) -> tuple[int, ...]:
    return _starts(at, lambda texts: _windows(texts, lines, form))


def _windows(hunk: Sequence[str], lines: Sequence[str], form: Callable[[str], str]) -> list[int]:
    wanted, given = [form(line) for line in lines], [form(line) for line in hunk]
    return [index for index in range(len(given) - len(wanted) + 1) if given[index : index + len(wanted)] == wanted]


def _starting(at: Spot, kept: str) -> tuple[int, ...]:
    wanted = _compact(kept)
    return _starts(at, lambda texts: [index for index, line in enumerate(texts) if _compact(line).startswith(wanted)])


def _compact(line: str) -> str:
    return "".join(line.split())
