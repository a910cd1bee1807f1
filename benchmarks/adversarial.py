"""Generates texts that attack a pattern. To add a kind of text, add it to `_GENERAL` or to `families`.

A text is built from the pattern's own parts: what leads to a repetition, what the repetition matches, and an end that makes it fail.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Family = Callable[[int], str]
# `re` has no types for a parsed pattern.
Node = Any

_CANDIDATES = "a0 /.-_:\"'`<(@#=+\nA\t[{,;\\é"
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
# A repetition with a lower limit cannot grow with the text.
_LONG = 8
_MOST = 36
_GENERAL = ("\n", " ", "\t", "a", "0", "/", "`", "![", "<!--", "[](", "a ", "a\n", " \n", "- ", "\r", "_a", "A1", "é", "{", "%41")
_SPOILS = ("\x00", "\n\x00")


@dataclass(frozen=True)
class Pump:
    """A repetition in a pattern: the text that leads to it, and one iteration."""

    lead: str
    unit: str


def families(pattern: str | bytes, flags: int) -> list[Family]:
    """At least 12 kinds of text against a pattern; each function gives a text of at most the given number of characters."""
    parsed = _parser.parse(pattern, flags & ~re.DEBUG)
    walk = _Walk()
    whole = walk.sample(list(parsed))
    built: dict[str, Family] = {}
    for lead, unit, tail in _shapes(walk.pumps, whole):
        family = _repeated(lead, unit, tail)
        built.setdefault(family(120), family)
    return list(built.values())[:_MOST]


def general() -> list[Family]:
    """Kinds of text that are independent of the reader."""
    return [_repeated("", unit, "") for unit in _GENERAL]


def _shapes(pumps: Sequence[Pump], whole: str) -> Iterator[tuple[str, str, str]]:
    for pump in pumps:
        yield pump.lead, pump.unit, _SPOILS[0]
    for pump in pumps:
        yield "", pump.lead + pump.unit * 3, ""
        yield "", pump.lead, ""
    for unit in _GENERAL[:12]:
        yield "", unit, _SPOILS[0]
    for first, second in pairwise(pumps):
        yield first.lead, first.unit + second.unit, _SPOILS[1]
    yield "", whole, ""
    yield "", whole[:-1], ""
    yield whole[:1], whole[1:] or "a", _SPOILS[1]
    for unit in _GENERAL[12:]:
        yield whole[:-1], unit, ""


def _repeated(lead: str, unit: str, tail: str) -> Family:
    def text(size: int) -> str:
        room = max(size - len(lead) - len(tail), 0)
        return (lead + (unit or "a") * (room // len(unit or "a")) + tail)[:size]

    return text


class _Walk:
    """Walks through a parsed pattern and builds one matching text, recording each long repetition on the way."""

    def __init__(self) -> None:
        self.pumps: list[Pump] = []
        self._groups: dict[int, str] = {}

    def sample(self, nodes: Sequence[Node], lead: str = "") -> str:
        text = ""
        for operator, argument in nodes:
            text += self._one(operator, argument, lead + text)
        return text

    def _one(self, operator: Node, argument: Node, lead: str) -> str:
        if operator in _REPEATS:
            return self._repetition(*argument, lead=lead)
        if operator is sre.BRANCH:
            return [self.sample(list(branch), lead) for branch in argument[1]][-1]
        if operator is sre.SUBPATTERN:
            group, _, _, inner = argument
            self._groups[group] = self.sample(list(inner), lead)
            return self._groups[group]
        if operator is sre.ATOMIC_GROUP:
            return self.sample(list(argument), lead)
        if operator is sre.GROUPREF:
            return self._groups.get(argument, "")
        if operator in (sre.ASSERT, sre.ASSERT_NOT):
            self.sample(list(argument[1]), lead)
            return ""
        return _character(operator, argument)

    def _repetition(self, least: int, most: int, inner: Node, *, lead: str) -> str:
        unit = self.sample(list(inner), lead)
        if most >= _LONG:
            self.pumps.append(Pump(lead, unit))
            self.pumps.extend(Pump(lead, other) for other in _others(list(inner), unit))
        return unit * max(least, 1 if most else 0)


def _others(inner: Sequence[Node], unit: str) -> Iterator[str]:
    """White space that the repetition matches too."""
    if len(inner) == 1 and inner[0][0] is sre.IN:
        yield from (other for other in "\n `" if other != unit and _fits(inner[0][1], other))


def _character(operator: Node, argument: Node) -> str:
    if operator is sre.LITERAL:
        return chr(argument)
    if operator is sre.NOT_LITERAL:
        return next(other for other in _CANDIDATES if ord(other) != argument)
    if operator is sre.IN:
        named = [chr(value) for kind, value in argument if kind is sre.LITERAL]
        return next((other for other in (*_CANDIDATES, *named) if _fits(argument, other)), "a")
    return "a" if operator is sre.ANY else ""


def _fits(items: Sequence[Node], character: str) -> bool:
    negated = bool(items) and items[0][0] is sre.NEGATE
    return negated != any(_takes(kind, value, character) for kind, value in items)


def _takes(kind: Node, value: Node, character: str) -> bool:
    if kind is sre.LITERAL:
        return bool(value == ord(character))
    if kind is sre.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is sre.CATEGORY:
        letter = {
            sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_SPACE: r"\s",
            sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_WORD: r"\W",
        }[value]  # fmt: skip
        return re.match(letter, character) is not None
    return False
