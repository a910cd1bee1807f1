"""Change here how the failure formats of tools are read, and what surrounds them in a log.

`development.txt` contains the tools that rules may be made from; `held_out.txt` those that only measure. Both are written from
knowledge of each tool's format. `really_run.txt` is the output of tools that `run_tools` ran on the faults of `real_faults`, and only
measures; the logs of `seeded_logs`, which belong to the development half, come from real runs as well.
In all files, `## tool | ecosystem` opens a form, `+` is a passing line, `!` a text that must be shown (the cause), `|` the failure.
"""

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.seeded_logs import LOGS

HERE = Path(__file__).parent
HALVES = ("development", "held_out")
_WORDS = [
    "basket",
    "order",
    "refund",
    "tax",
    "stock",
    "price",
    "coupon",
    "parcel",
    "invoice",
    "account",
    "locale",
    "session",
    "error_page",
    "retry",
    "catalog",
    "search",
]
_STAMP = re.compile(r"^\S+Z ")
# A line whose template occurs this often in a real log is a passing line.
_COMMON = 20


@dataclass(frozen=True)
class Form:
    """One tool's output while it passes and when it fails; each need is a choice of texts, separated by NUL."""

    tool: str
    ecosystem: str
    half: str
    passing: tuple[str, ...]
    failure: tuple[str, ...]
    needs: tuple[str, ...]
    is_run: bool = False


def read_forms() -> list[Form]:
    """All forms, the development half first; real output replaces a written form of the same tool."""
    run = [*_run(), *(replace(form, is_run=True) for form in _written("really_run", HALVES[1]))]
    names = {form.tool for form in run}
    written = [form for half in HALVES for form in _written(half, half) if form.tool not in names]
    return sorted([*written, *run], key=lambda form: HALVES.index(form.half))


def body(form: Form, lines: int, chance: random.Random) -> list[str]:
    """The output of the step: the failure in the middle of at least `lines` passing lines."""
    around = [_passing(form, number, chance) for number in range(lines)]
    return [*around[: lines // 2], *form.failure, *around[lines // 2 :]]


def _passing(form: Form, number: int, chance: random.Random) -> str:
    word = chance.choice(_WORDS)
    text = form.passing[number % len(form.passing)]
    for mark, value in (("{n}", str(number + 101)), ("{d}", str(number % 9 + 1)), ("{word}", word), ("{Word}", word.title())):
        text = text.replace(mark, value)
    return text


def _written(file: str, half: str) -> Iterator[Form]:
    for part in re.split(r"^## ", (HERE / f"{file}.txt").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        head, *rows = part.rstrip("\n").split("\n")
        tool, ecosystem = head.split(" | ")
        of = {mark: tuple(row[2:] for row in rows if row[:1] == mark) for mark in "+!|"}
        yield Form(tool, ecosystem, half, of["+"], of["|"], tuple(need.replace("|", "\0") for need in of["!"]))


def _run() -> Iterator[Form]:
    """Real output: all of it is the failure, and its most common lines surround it as passing lines."""
    ecosystems = {"pytest": "python", "mypy": "python", "ruff": "python", "cargo": "rust", "javac": "java", "gcc": "c", "make": "c"}
    for row in json.loads((LOGS / "truth.json").read_text()):
        lines = [_STAMP.sub("", line) for line in gzip.decompress((LOGS / row["log"]).read_bytes()).decode().splitlines()]
        first = next(number for number, line in enumerate(lines) if line == "shell: /usr/bin/bash -e {0}")
        lines = lines[first + 2 : next(number for number, line in enumerate(lines) if line.startswith("##[error]"))]
        shapes = Counter(re.sub(r"\d+", "0", line) for line in lines)
        common = [line for line in lines if shapes[re.sub(r"\d+", "0", line)] >= _COMMON and line.strip()]
        passing = tuple(line.replace("{", "(") for line in common[:50]) or ("ok {n}",)
        needs = tuple(need.replace("|", "\0") for need in row["needs"])
        ecosystem = ecosystems.get(row["tool"], "javascript")
        yield Form(row["log"].removesuffix(".log.gz"), ecosystem, HALVES[0], passing, tuple(lines), needs, is_run=True)
