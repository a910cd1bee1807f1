"""Two plain baselines for choosing related code: shared identifiers, and BM25, both over chunks of 20 lines."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from benchmarks.co_change import is_source
from reviewers.context.tokens import count

CHUNK = 20
_NAME = re.compile(r"[A-Za-z_$][\w$]{2,79}")
_DEFINES = re.compile(
    r"\b(?:def|class|func|function|fn|struct|interface|trait|enum|type|const|let|var)\s+(?:\([^)]*\)\s*)?([A-Za-z_$][\w$]*)"
)
K1, B = 1.2, 0.75


class Chunk(NamedTuple):
    """20 lines of a file, from line `first`."""

    first: int
    text: str
    names: Counter[str]
    defines: frozenset[str]


Shown = list[tuple[str, int, int]]


@lru_cache(maxsize=20_000)
def chunks(text: str) -> tuple[Chunk, ...]:
    lines = text.split("\n")
    parts = (("\n".join(lines[at : at + CHUNK]), at + 1) for at in range(0, len(lines), CHUNK))
    return tuple(Chunk(first, part, Counter(_NAME.findall(part)), frozenset(_DEFINES.findall(part))) for part, first in parts)


def by_identifiers(given: str, shown: str, texts: Mapping[str, str], budget: int) -> Shown:
    """The idf of the identifiers that a chunk shares with the shown file: 3 times for one it defines, 1.3 times in the same folder."""
    wanted, rows = set(_NAME.findall(shown)), _rows(given, texts)
    frequency = Counter(name for path in {path for path, _ in rows} for name in _names_of(texts[path]) & wanted)
    files = len({path for path, _ in rows})
    scored = []
    for path, chunk in rows:
        shared = wanted & chunk.names.keys()
        score = sum(math.log((files + 1) / (frequency[name] + 0.5)) * (3 if name in chunk.defines else 1) for name in shared)
        near = 1.3 if path.rpartition("/")[0] == given.rpartition("/")[0] else 1.0
        scored.append((-score * near, path, chunk))
    return _within(scored, budget)


def by_bm25(given: str, shown: str, texts: Mapping[str, str], budget: int) -> Shown:
    """BM25 of the words of the shown file."""
    wanted, rows = set(_NAME.findall(shown)), _rows(given, texts)
    frequency = Counter(name for _, chunk in rows for name in chunk.names.keys() & wanted)
    mean = sum(chunk.names.total() for _, chunk in rows) / max(1, len(rows))
    scored = []
    for path, chunk in rows:
        score, length = 0.0, K1 * (1 - B + B * chunk.names.total() / (mean or 1))
        for name in wanted & chunk.names.keys():
            idf = math.log(1 + (len(rows) - frequency[name] + 0.5) / (frequency[name] + 0.5))
            score += idf * chunk.names[name] * (K1 + 1) / (chunk.names[name] + length)
        scored.append((-score, path, chunk))
    return _within(scored, budget)


def _rows(given: str, texts: Mapping[str, str]) -> list[tuple[str, Chunk]]:
    return [(path, chunk) for path in texts if path != given and is_source(path) for chunk in chunks(texts[path])]


@lru_cache(maxsize=20_000)
def _names_of(text: str) -> frozenset[str]:
    return frozenset(_NAME.findall(text))


def _within(scored: list[tuple[float, str, Chunk]], budget: int) -> Shown:
    scored.sort(key=lambda row: (row[0], row[1], row[2].first))
    out: Shown = []
    for score, path, chunk in scored:
        if score >= 0:
            break
        cost = count(f"{path}:{chunk.first}\n{chunk.text}") + 2
        if cost > budget:
            break
        budget -= cost
        out.append((path, chunk.first, chunk.first + CHUNK - 1))
    return out
