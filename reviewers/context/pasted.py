"""Finds pasted stack traces, logs, metrics and profiles in a question by their lines; long logs are cut to their cause."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from reviewers.context.ci_log.extraction import extract
from reviewers.values.question import Material, MaterialKind

LOG_TOKENS = 3_000
_LEAST, _MOST = 3, 12
_FENCE = re.compile(r"^(?P<mark>```++|~~~++)[^\n]*\n(?P<text>.*?)(?:^(?P=mark)[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_TRACE = re.compile(
    r"^(?:Traceback \(most recent call last\)|\s+File \"[^\"]+\", line \d+|\s+at [\w$.<>/ ][^)\n]*:\d|Caused by: |"
    r"goroutine \d+ \[|thread '[^']*' panicked|\s+from [^\s:]+:\d+:in |#\d+ +(?:0x[0-9a-f]+ in |/)|"
    r"Unhandled exception|Exception in thread )"
)
_LOG = re.compile(
    r"^\W{0,3}(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d|\w{3} +\d{1,2} \d\d:\d\d:\d\d|"
    r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b|npm ERR!|##\[|level=|ts=|E\d{4} |"
    r"\{\"(?:level|ts|time|timestamp|msg))|"
    r"^(?:error|warning|fatal|FAILED|FAIL|E {3})\b[:\s\[]|\b(?:error|exception)\b.{0,80}:\d+",
)
_METRIC = re.compile(
    r"^(?:# (?:HELP|TYPE) |[a-zA-Z_:][\w:]*(?:\{[^}]*\})?\s+-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\s*$)|"
    r"\b(?:p50|p90|p95|p99|rps|qps|latency|throughput|heap|rss|cpu)\b\W{0,6}[\w ]{0,12}[=:|\s]{1,20}(?<=[=:|\s])\d",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"\bncalls\s+tottime|\bcumtime\b|\bflat%\s+sum%|^\s*\d+(?:\.\d+)?(?:ms|s)?\s+\d+(?:\.\d+)?%|^\s*\d+\s+\d+\.\d+\s+\d+\.\d+\s+\d+\.\d+|"
    r"^(?:[^;\n]+;){2,}[^;\n]+ \d+$|^\s*\d+\.\d+%\s+\S+|\bSeq Scan\b|\bactual time=|\bEXPLAIN\b"
)
_KINDS = (
    (MaterialKind.TRACE, _TRACE, 0.12),
    (MaterialKind.PROFILE, _PROFILE, 0.25),
    (MaterialKind.METRICS, _METRIC, 0.4),
    (MaterialKind.LOG, _LOG, 0.3),
)


class Pasted(NamedTuple):
    """A text in which names replace the pasted material, and that material."""

    text: str
    materials: tuple[Material, ...]


def take_out(text: str, whose: str) -> Pasted:
    """Extract the traces, logs, metrics and profiles of a text; `whose` names where the text was written."""
    materials: list[Material] = []
    kept, at = [], 0
    for start, end, block in _blocks(text):
        kind = kind_of(block)
        if kind is None or len(materials) >= _MOST:
            continue
        material = as_material(kind, f"{kind} {len(materials) + 1} of {whose}", block, f"pasted into {whose}")
        materials.append(material)
        kept += [text[at:start], f"[{material.name}]\n"]
        at = end
    return Pasted("".join((*kept, text[at:])), tuple(materials))


def as_material(kind: MaterialKind, name: str, block: str, why: str) -> Material:
    """A pasted block as material; a log longer than its room is cut to its cause, and says so."""
    if kind not in (MaterialKind.LOG, MaterialKind.TRACE):
        return Material(kind=kind, name=name, text=block, why=why)
    taken = extract(block.encode("utf-8", "replace"), None, LOG_TOKENS)
    if not taken.blocks or len(taken.lines) == taken.total_lines:
        return Material(kind=kind, name=name, text=block, why=why)
    return Material(kind=kind, name=name, text=taken.text, why=f"{why}; {taken.left_out}")


def kind_of(block: str) -> MaterialKind | None:
    """The kind of a pasted block, by the share of its lines that match; None for code and prose."""
    lines = [line for line in block.split("\n") if line.strip()]
    if len(lines) < _LEAST:
        return MaterialKind.TRACE if any(_TRACE.search(line) for line in lines) else None
    for kind, pattern, share in _KINDS:
        hits = sum(bool(pattern.search(line[:400])) for line in lines[:2_000])
        if hits >= max(1, share * min(len(lines), 2_000)):
            return kind
        if kind is MaterialKind.TRACE and hits >= _LEAST:
            return kind
    return None


def _blocks(text: str) -> Iterator[tuple[int, int, str]]:
    """Fenced blocks, and runs of lines between blank lines outside of them."""
    at = 0
    for match in _FENCE.finditer(text):
        yield from _paragraphs(text, at, match.start())
        yield match.start(), match.end(), match["text"]
        at = match.end()
    yield from _paragraphs(text, at, len(text))


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in re.finditer(r"(?:[^\n]+(?:\n|\Z))+", text[start:end]):
        block = match[0]
        if block.count("\n") >= _LEAST or _TRACE.search(block):
            yield start + match.start(), start + match.end(), block
