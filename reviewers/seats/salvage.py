"""Salvages a broken answer: change here what is repaired, and what counts as cut off."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import json_repair
from pydantic import BaseModel

from reviewers.context.hidden_characters import without_broken_characters
from reviewers.seats.forms import names_of
from reviewers.seats.json_values import BrokenValue, Json

# json_repair takes quadratic time: up to 3 s for 4,000 characters of quotes and slashes.
_REPAIRABLE, _REPAIRABLE_IN_ALL = 4_000, 8_000
# And quadratic in the nesting: 1,000 brackets took 1.4 s.
_MOST_BRACKETS = 120
# A copy of the prompt's example is not a broken answer.
_TEMPLATE_LENGTH = 400
_TEMPLATE = re.compile(r'"\s*+:\s*+(?:\[\s*+)?(?:…|\.\.\.)\s*+(?:\]\s*+)?[,}]')
_LARGEST = 10**18
_UNENDED = re.compile(r'[{"]')


class Salvaged(NamedTuple):
    """Repaired items with their places; `cut` if the text ended inside one, `lost` is the number of unreadable ones."""

    pieces: tuple[tuple[int, Json], ...]
    cut: bool
    repaired: bool
    lost: int


class SalvagedAnswer(NamedTuple):
    """A partly decoded answer: a list of items of a form under a key, the places of the whole ones, and the broken rest."""

    text: str
    key: str
    form: type[BaseModel]
    whole: Sequence[tuple[int, int]]
    broken: Sequence[BrokenValue]


def salvage(answer: SalvagedAnswer, truncated: bool) -> Salvaged:
    """Repair the broken items one by one. An item that was cut by the end of the text was never finished, so it is not repaired."""
    last = max((end for _, end in answer.whole), default=0)
    begun = _begun(answer)
    items = [(each, end) for each, end, is_root in begun if not is_root]
    cut = any(each.at_end and each.start >= last for each, _ in items)
    pieces: list[tuple[int, Json]] = []
    lost, left = 0, _REPAIRABLE_IN_ALL
    for each, end in items:
        if each.at_end and each.start >= last:
            continue
        region = answer.text[each.start : end]
        fits = len(region) <= min(_REPAIRABLE, left)
        left -= len(region) if fits else 0
        repaired = repair(region) if fits else None
        if isinstance(repaired, dict):
            pieces.append((each.start, repaired))
        else:
            lost += 1
    roots = [each for each, _, is_root in begun if is_root]
    # If only closing brackets are missing, no part of the answer is.
    tail = answer.text[max(answer.text.rfind("}"), answer.text.rfind("]")) + 1 :]
    cut = cut or any(root.at_end and (truncated or _UNENDED.search(tail) is not None) for root in roots)
    return Salvaged(tuple(pieces), cut, bool(pieces or lost or (roots and not cut)), lost)


def repair(text: str) -> Json:
    """json_repair's reading of the beginning of a text; None if that is no object or list."""
    text = text[:_REPAIRABLE]
    if text.count("{") + text.count("[") > _MOST_BRACKETS:
        return None
    try:
        repaired = _storable(json_repair.loads(text))
    except (ValueError, RecursionError):
        return None
    # It turns several objects in a row into a list.
    first = repaired[0] if isinstance(repaired, list) and repaired else repaired
    return first if isinstance(first, dict | list) else None


def _begun(answer: SalvagedAnswer) -> list[tuple[BrokenValue, int, bool]]:
    """The broken objects that look like an item or like the answer itself, the end of each, and which of the two it is."""
    names = "|".join(map(re.escape, [answer.key, *names_of(answer.form)]))
    head = re.compile(rf"[{{]\s*[\"'“]?(?P<name>{names})[\"'”]?\s*:", re.IGNORECASE)
    matches = [(each, match) for each in answer.broken if (match := head.match(answer.text, each.start))]
    whole = [start for start, _ in answer.whole]
    starts = sorted([*whole, *(each.start for each, _ in matches)])
    begun = []
    for each, match in matches:
        end, whole_from = _next(starts, each.start, answer.text), _next(whole, each.start, answer.text)
        if not _TEMPLATE.search(answer.text, each.start, min(whole_from, each.start + _TEMPLATE_LENGTH)):
            begun.append((each, end, match["name"].lower() == answer.key))
    return begun


def _next(starts: Sequence[int], start: int, text: str) -> int:
    """The first of the sorted places after that one, else the end of the text."""
    at = bisect_right(starts, start)
    return starts[at] if at < len(starts) else len(text)


def _storable(value: object) -> Json:
    """A value of json_repair without characters that cannot be stored."""
    if isinstance(value, dict):
        return {without_broken_characters(str(key)): _storable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_storable(part) for part in value]
    if isinstance(value, str):
        return without_broken_characters(value)
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to print an integer of more than 4,300 digits.
        return value if abs(value) < _LARGEST else 0
    return value if value is None or isinstance(value, bool | float) else None
