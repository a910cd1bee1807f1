"""Checks that no text blocks a process: every pattern and parser of foreign text, against texts made to keep it busy.

The patterns and parsers come from the source (`foreign_text`), their callers from `text_doors`, the texts from `adversarial`.
"""

import contextlib
import signal
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import NamedTuple

from benchmarks import blocking
from benchmarks.adversarial import Family, families, general
from benchmarks.bars import Bar, Count, at_least, at_most, exactly, judged
from benchmarks.foreign_text import Site, find_sites
from benchmarks.options import Options, progress
from benchmarks.text_doors import BUILT, BY_CALL, DOORS, EXEMPT, REFUSALS, WHOLE, AnyPattern, Door

# The longest comment, issue or description that GitHub accepts.
LIMIT = 65_536
# A quadratic text takes four times as long at twice the length; a linear one rarely more than 2.6 times, twice in a row.
_RATIO, _COUNTED_S, _TAKES = 2.6, 0.002, 5
_PATIENCE_S = 2.0
_LEAST_FAMILIES = 12


class _TooLong(BaseException):
    """A text was not read within the patience; no `except Exception` of the product may catch it."""


@dataclass(frozen=True)
class Entry:
    """A pattern or parser with the texts to try on it."""

    name: str
    drive: Door
    texts: Sequence[Family]


class Timing(NamedTuple):
    """Seconds at a quarter, a half and the whole of the limit."""

    quarter: float
    half: float
    whole: float

    @property
    def superlinear(self) -> bool:
        return self.half >= _COUNTED_S and self.half > _RATIO * self.quarter and self.whole > _RATIO * self.half


def run(options: Options) -> dict[str, object]:
    sites = find_sites()
    entries = all_entries(sites)
    undriven = uncovered(sites)
    chosen = [*entries[: len(WHOLE)], *entries[len(WHOLE) :: 16]] if options.small else entries
    progress(f"{len(entries)} entries, {len(chosen)} of them driven")
    slow: list[tuple[float, str]] = []
    superlinear: list[str] = []
    for entry in chosen:
        worst, bent = _measure(entry, options)
        slow.append((worst, entry.name))
        superlinear += [f"{entry.name}: {text!r}" for text in bent]
    blocked = blocking.measure(options)
    slow.sort(reverse=True)
    keys = {
        "entries": len(entries),
        "exempt": dict(EXEMPT),
        "undriven": undriven,
        "families": sum(len(entry.texts) for entry in chosen),
        "superlinear": len(superlinear),
        "worst_ms": round(slow[0][0] * 1000),
        "loop_blocked_ms": blocked.milliseconds,
        "slowest": [f"{name}: {seconds * 1000:.0f} ms" for seconds, name in slow[:8]],
        "bent": superlinear[:20],
    }
    counts = (
        Count("entries", len(entries), 100, small=100),
        Count("least_families", min(len(entry.texts) for entry in entries), _LEAST_FAMILIES, small=_LEAST_FAMILIES),
        Count("hostile_deliveries", blocked.deliveries, 4, small=2),
        Count("settings_pages", blocked.pages, 40, small=3),
    )
    bars = (
        Bar("superlinear", len(superlinear), exactly(0), counts),
        Bar("undriven", len(undriven), exactly(0), counts),
        Bar("exempt", len(EXEMPT), at_most(10), counts),
        Bar("worst_ms", float(str(keys["worst_ms"])), at_most(250, small=1_000), counts),
        Bar("loop_blocked_ms", blocked.milliseconds, at_most(100, small=1_000), counts),
        Bar("answered", blocked.answered, at_least(1), counts),
    )
    return judged(options, keys, bars)


def all_entries(sites: Sequence[Site]) -> list[Entry]:
    """Everything that is driven, by the names of its sites."""
    whole = (Entry(name, door, general()) for name, door in WHOLE.items())
    return [*whole, *(entry for site in sites for entry in _entries(site))]


def uncovered(sites: Sequence[Site]) -> list[str]:
    """The sites that nothing drives and no reason exempts."""
    return [site.name for site in sites if site.name not in EXEMPT and not any(True for _ in _entries(site))]


def _entries(site: Site) -> Iterator[Entry]:
    if site.name in EXEMPT:
        return
    if door := DOORS.get(site.name) or BY_CALL.get(site.call.rpartition(".")[2]) or BY_CALL.get(site.call):
        known = families(site.pattern.pattern, site.pattern.flags) if site.pattern else []
        yield Entry(site.name, door, [*known, *general()])
    elif built := BUILT.get(site.name):
        for number, pattern in enumerate(built()):
            yield Entry(f"{site.name}[{number}]", _uses(pattern, ("finditer",)), families(pattern.pattern, pattern.flags))
    elif site.pattern is not None:
        methods = site.methods or ("finditer",)
        yield Entry(site.name, _uses(site.pattern, methods), families(site.pattern.pattern, site.pattern.flags))


def _uses(pattern: AnyPattern, methods: Sequence[str]) -> Door:
    calls: dict[str, Callable[[str | bytes], object]] = {
        "sub": lambda text: pattern.sub(b"" if isinstance(text, bytes) else "", text),  # type: ignore[arg-type,type-var]
        "finditer": lambda text: sum(1 for _ in pattern.finditer(text)),  # type: ignore[arg-type]
    }
    chosen = [calls.get(method) or getattr(pattern, method) for method in methods if method not in ("subn", "scanner")]

    def use(text: str) -> None:
        given = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
        for call in chosen:
            call(given)

    return use


def _measure(entry: Entry, options: Options) -> tuple[float, list[str]]:
    """The longest time at the limit, and the beginnings of the texts that take more than linear time."""
    worst, bent = 0.0, []
    # Loading libraries with the first text does not count.
    _seconds(entry.drive, entry.texts[0](200))
    for family in entry.texts:
        timing = _timing(entry.drive, family, takes=1)
        if timing.whole > max(worst, _COUNTED_S) or timing.superlinear:
            # One take may have been disturbed.
            timing = _timing(entry.drive, family, takes=3 if options.small else _TAKES)
        worst = max(worst, timing.whole)
        if timing.superlinear:
            bent.append(family(40))
    return worst, bent


def _timing(drive: Door, family: Family, takes: int) -> Timing:
    """At most as many takes as the patience allows; a text that is too slow at a part of the limit is not tried longer."""
    times: list[float] = []
    for size in (LIMIT // 4, LIMIT // 2, LIMIT):
        text = family(size)
        if times and times[-1] >= _PATIENCE_S / 4:
            times.append(times[-1] * 4)
            continue
        times.append(statistics.median(_seconds(drive, text) for _ in range(takes)))
    return Timing(*times)


def _seconds(drive: Door, text: str) -> float:
    started = time.thread_time()
    with _patience(), contextlib.suppress(*REFUSALS):
        drive(text)
    return time.thread_time() - started


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Python's patterns check for signals while they match."""

    def stop(_: int, __: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)
    try:
        yield
    except _TooLong:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
