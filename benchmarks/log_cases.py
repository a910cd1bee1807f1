"""Reads failing CI logs with labels, in the format of shared/data/README.md."""

import bisect
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reviewers.context.ci_log.cleaning import clean
from reviewers.context.ci_log.lines import LogLines

SHOWN = 200


@dataclass(frozen=True)
class Needed:
    """A labeled line: its line number in the engine, and the first 200 characters, which must be shown.

    A wrapper's prefix on every line nearby is neither shown nor required.
    """

    number: int
    text: str


@dataclass(frozen=True)
class Case:
    """`answers` are alternatives of which the best counts; `signals` are the critical signals, each kept whole or not at all."""

    id: str
    project: str
    log: bytes
    green: bytes | None
    answers: tuple[tuple[Needed, ...], ...] = ()
    signals: tuple[tuple[Needed, ...], ...] = ()

    @property
    def half(self) -> int:
        """0 or 1 by a hash of the project: a weight stays only if it helps, or does no harm, on each half separately."""
        return hashlib.sha1(self.project.encode(), usedforsecurity=False).digest()[-1] % 2


@dataclass
class _Row:
    """One row of a file, and the places of its lines."""

    row: dict[str, object]
    text: str = ""
    spans: list[tuple[int, int]] = field(default_factory=list)
    newlines: list[int] = field(default_factory=list)
    lines: LogLines = field(default_factory=lambda: LogLines(b""))

    def __post_init__(self) -> None:
        self.text = str(self.row["log"])
        start = 0
        for match in re.finditer(str(self.row["line_sep"]), self.text):
            self.spans.append((start, match.start()))
            start = match.end()
        self.spans.append((start, len(self.text)))
        self.newlines = [match.start() for match in re.finditer("\n", self.text)]
        self.lines = LogLines(_bytes(self.text))

    def needed(self, ranges: list[list[int]]) -> tuple[Needed, ...]:
        """The labeled lines; blank ones count only if there are no others."""
        found = [self._line(number) for first, last in ranges for number in range(first, last + 1)]
        return tuple(line for line in found if line.text.strip()) or tuple(found)

    def _line(self, number: int) -> Needed:
        start, stop = self.spans[number - 1]
        index = bisect.bisect_left(self.newlines, start)
        return Needed(index + 1, self.lines.strip(index, clean(_bytes(self.text[start:stop])))[:SHOWN])


def files(path: Path) -> list[Path]:
    """One `.jsonl.gz`, or all in a folder."""
    return sorted(path.glob("*.jsonl.gz")) if path.is_dir() else [path]


def cases(file: Path) -> Iterator[Case]:
    """The rows of one `.jsonl.gz`."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield _case(json.loads(line))


def _case(raw: dict[str, object]) -> Case:
    row = _Row(raw)
    green = raw.get("green_log")
    case = {"id": str(raw["id"]), "project": str(raw["project"]), "log": _bytes(row.text), "green": _bytes(str(green)) if green else None}
    truth, labels = raw.get("ground_truth"), raw.get("labels")
    if isinstance(truth, dict):
        critical = [signal for signal in truth["required_signals"] if signal["importance"] == "critical"]
        return Case(**case, signals=tuple(row.needed(signal["evidence_lines"]) for signal in critical))  # type: ignore[arg-type]
    assert isinstance(labels, list)
    groups = [labels] if raw["mode"] == "union" else [[one] for one in labels]
    return Case(**case, answers=tuple(row.needed(group) for group in groups))  # type: ignore[arg-type]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
