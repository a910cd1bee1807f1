"""Selects the part of a file that a question is about: a short file whole, else the code around the named lines or names."""

from collections.abc import Sequence

from reviewers.context.mentions import Spot
from reviewers.context.redaction import mask_keys
from reviewers.context.units import enclosing_units, read_units
from reviewers.values.question import Material, MaterialKind

WHOLE, AROUND, LONGEST = 220, 25, 160


def excerpts(path: str, text: str, spots: Sequence[Spot], symbols: Sequence[str], why: str, url: str = "") -> tuple[Material, ...]:
    """Ranges of a file as material, in line order."""
    lines = mask_keys(text).removesuffix("\n").split("\n")
    if len(lines) <= WHOLE:
        return (Material(kind=MaterialKind.CODE, name=path, path=path, text="\n".join(lines), why=why, url=url),)
    found = read_units(path, text)
    wanted = [_range(path, text, spot, len(lines)) for spot in spots if spot.first and spot.first <= len(lines)]
    names = {symbol.lower() for symbol in symbols}
    wanted += [
        (unit.start, min(unit.end, unit.start + LONGEST)) for unit in found if unit.name.lower() in names or unit.qualified.lower() in names
    ]
    return tuple(
        Material(kind=MaterialKind.CODE, name=path, path=path, first_line=first, text="\n".join(lines[first - 1 : last]), why=why, url=url)
        for first, last in _joined(wanted or [(1, LONGEST)])
    )


def _range(path: str, text: str, spot: Spot, total: int) -> tuple[int, int]:
    """The innermost definition around the lines if it is not too long; else the lines near them."""
    around = [unit for unit in enclosing_units(read_units(path, text), spot.first) if unit.end - unit.start < LONGEST]
    first, last = max(1, spot.first - AROUND), min(total, max(spot.first, spot.last) + AROUND)
    return (min(first, around[0].start), max(last, around[0].end)) if around else (first, last)


def _joined(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined[:6]
