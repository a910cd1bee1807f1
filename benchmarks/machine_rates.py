"""Measures the reviews per second of one, two and three workers on a site, what each part pays for a review, and what the limit is.

The models answer at once, or after 3 s. They run in a separate sandbox, so that GitHub and the models are two processes.
"""

import asyncio
import contextlib
import os
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.sandbox.control.client import Control, running
from benchmarks.bars import Bar, Count, at_least, at_most, exactly
from benchmarks.checker import Seen, tally
from benchmarks.crowd import Crowd
from benchmarks.fleet import until
from benchmarks.machine_site import Site, site
from benchmarks.machine_usage import Usage, cpu_seconds, machine_seconds, name_limit
from benchmarks.options import Options, progress

SEATS = "openai/gpt-5.5,anthropic/claude-opus-5-5,gemini/gemini-3.1-pro-preview"
_VENDORS = ("OPENAI", "ANTHROPIC", "GEMINI")
_WORKERS, _MODEL_SECONDS = (1, 2, 3), (0.0, 3.0)
# What a worker runs at once.
_SLOTS = 10
_A_WORKER, _SMALL = 60, 6
_WARM_UP = 6
_ENDS_WITHIN = 300.0
_POLL_SECONDS = 1.0
_RECONCILE_SECONDS = 600.0
_SIZE = "SELECT pg_database_size(current_database())"
_STATE = (
    "SELECT (SELECT count(*) FROM run WHERE state = 'published'), (SELECT count(*) FROM job WHERE state = 'running' AND kind = 'review')"
)
# One thread serves a sandbox: near a whole core, it would be what is measured.
_SANDBOX_CORES, _WORKER_SECONDS = 0.6, 0.6


@dataclass(frozen=True)
class Rate:
    """One measurement: the reviews that were published, the seconds they took, and what was used."""

    workers: int
    model_s: float
    reviews: int
    usage: Usage

    @property
    def per_s(self) -> float:
        return self.reviews / self.usage.seconds


@contextlib.contextmanager
def rates_site() -> Iterator[tuple[Site, Control]]:
    """A site without workers, and the sandbox whose models it asks."""
    with running() as models:
        known = models.environment()
        names = [f"{vendor}_{what}" for vendor in _VENDORS for what in ("API_KEY", "BASE_URL")]
        # A provider of a large site allows more calls at once than the default.
        with site(SEATS, workers=0, **{name: known[name] for name in names}, PROVIDER_CALLS="200") as built:
            built.control.set_limits(primary_hour=1_000_000)
            # As in production: asking about each repository is no part of a review.
            built.reconcile = _RECONCILE_SECONDS
            yield built, models


def measure_rates(options: Options) -> tuple[dict[str, Any], list[Bar]]:
    """The keys and the bars of every measurement on one site."""
    counts = _WORKERS[:1] if options.small else _WORKERS
    delays = _MODEL_SECONDS[:1] if options.small else _MODEL_SECONDS
    with rates_site() as (built, models):
        course = _Course(built, models, Crowd(built.control), options.n or (_SMALL if options.small else _A_WORKER))
        rates, empty = [], course.size()
        for _ in counts:
            built.add_worker()
            course.warm_up()
            rates += [course.measure(delay) for delay in delays]
        seen = course.crowd.all()
        kilobytes = (course.size() - empty) / 1000 / max(1, len(seen))
    return _figures(rates, seen) | {"database_kb_a_review": round(kilobytes, 1)}, _bars(rates, seen)


@dataclass(frozen=True)
class _Course:
    """The site under test, its models, and the pull requests that one worker gets in a measurement."""

    site: Site
    models: Control
    crowd: Crowd
    a_worker: int

    def warm_up(self) -> None:
        """Let every worker load what a review needs."""
        self._answer_within(0.0)
        self.crowd.open(_WARM_UP * len(self.site.workers), apart=True)
        self.crowd.settle(_ENDS_WITHIN)

    def measure(self, model_s: float) -> Rate:
        """Release pull requests that were opened before, and wait until each is reviewed."""
        workers = len(self.site.workers)
        self._answer_within(model_s)
        control = self.site.control
        control.clear()
        self.models.clear()
        control.set_webhook(mode="hold")
        opened = len(self.crowd.open(self.a_worker * workers))
        wanted = self._state()[0] + opened
        before, began, machine = self._spent(), time.monotonic(), machine_seconds()
        control.release()
        running: list[int] = []
        until(lambda: self._is_done(wanted, running), _ENDS_WITHIN, pause=_POLL_SECONDS)
        spent = {name: seconds - before[name] for name, seconds in self._spent().items()}
        machine = machine_seconds() - machine
        ended = max((write["at"] for write in control.writes() if write["applied"]), default=time.monotonic())
        in_flight = sum(running) / max(1, len(running))
        usage = Usage(ended - began, os.cpu_count() or 1, spent, machine, _SLOTS * workers, in_flight)
        rate = Rate(workers, model_s, opened - max(0, wanted - self._state()[0]), usage)
        progress(f"workers {workers}, {model_s:g} s a model call: {rate.per_s:.2f} reviews per second; limit: {name_limit(usage)}")
        return rate

    def _answer_within(self, seconds: float) -> None:
        for seat in SEATS.split(","):
            self.models.program_model(seat.partition("/")[2], findings=[], delay_ms=seconds * 1000)

    def _is_done(self, wanted: int, running: list[int]) -> bool:
        published, reviews = self._state()
        running.append(reviews)
        return published >= wanted

    def _state(self) -> list[int]:
        """The published runs, and the reviews that run now."""
        return [int(str(count)) for count in asyncio.run(self.site.rows(_STATE))[0]]

    def size(self) -> int:
        """The database's bytes on disk."""
        return int(str(asyncio.run(self.site.rows(_SIZE))[0][0]))

    def _spent(self) -> dict[str, float]:
        """The CPU-seconds of each process so far."""
        spent = {part.name: cpu_seconds(part.process.pid) for part in self.site.parts if part.process is not None}
        github, models = self.site.control.process_id, self.models.process_id
        return spent | {"sandbox of GitHub": cpu_seconds(github), "sandbox of models": cpu_seconds(models)}


def _figures(rates: Sequence[Rate], seen: Sequence[Seen]) -> dict[str, Any]:
    """By model time and number of workers; `cpu_s_a_review` has each kind of process, and its `worker` is what one more review costs."""
    figures: dict[str, Any] = {"rates": {}, "rate_limits": {}, "cpu_s_a_review": {}, "sandbox_cores": {}}
    for rate in rates:
        key = f"{rate.model_s:g} s, {rate.workers} {'worker' if rate.workers == 1 else 'workers'}"
        figures["rates"][key] = round(rate.per_s, 2)
        figures["rate_limits"][key] = name_limit(rate.usage)
        figures["cpu_s_a_review"][key] = {name: round(spent, 3) for name, spent in _paid(rate).items()}
        figures["sandbox_cores"][key] = round(_busiest_sandbox(rate), 2)
    return figures | {f"rates_{name}": value for name, value in tally(seen).items()}


def _bars(rates: Sequence[Rate], seen: Sequence[Seen]) -> list[Bar]:
    """`rates_grow` compares the most workers with one, by the models' longest time: the cores of a small machine may allow no more."""
    counted = tally(seen)
    counts = (Count("rates_published", counted["published"], len(seen), small=len(seen)),)
    slowest = [rate for rate in rates if rate.model_s == max(each.model_s for each in rates)]
    worker = statistics.median(_paid(rate)["worker"] for rate in rates)
    figures = [("rates_" + name, counted[name], exactly(0)) for name in ("lost", "duplicates", "left_open")]
    return [
        *(Bar(name, measured, bound, counts) for name, measured, bound in figures),
        Bar("sandbox_cores", round(max(_busiest_sandbox(rate) for rate in rates), 2), at_most(_SANDBOX_CORES, small=1.0), counts),
        Bar("worker_cpu_s", round(worker, 3), at_most(_WORKER_SECONDS, small=3.0), counts),
        Bar("rates_grow", round(slowest[-1].per_s / slowest[0].per_s, 2), at_least(0.9, small=0.6), counts),
    ]


def _paid(rate: Rate) -> Mapping[str, float]:
    """CPU-seconds of each kind of process for a review."""
    kinds = ("worker", "web", "postgres", "pgbouncer", "redis", "nginx", "sandbox")
    return {kind: rate.usage.cores_of(kind) * rate.usage.seconds / max(1, rate.reviews) for kind in kinds}


def _busiest_sandbox(rate: Rate) -> float:
    return max(spent for name, spent in rate.usage.spent.items() if name.startswith("sandbox")) / rate.usage.seconds
