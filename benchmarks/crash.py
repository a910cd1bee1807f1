"""Doubles, reorders and repeats deliveries while web and workers are killed: every acknowledged one is processed exactly once."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.failpoints import NAMES
from benchmarks.bars import Count, judged, skipped
from benchmarks.checker import tally, zeros
from benchmarks.crowd import Crowd
from benchmarks.fleet import Fleet, Letter, deliver, fleet, letters, until
from benchmarks.options import Options, progress
from benchmarks.pooled import compare, pooler_bar
from benchmarks.real_parts import find_missing

_TIMES = {"lease": 2.0, "heartbeat": 0.5, "poll": 0.25}
_WORKERS = 2
_WAVE = 24
_SETTLE_SECONDS = 180.0
# A job that dies twice in one step is given up, as it should be; so a process lives long enough to finish what it took over.
_LEAST_PASSES = 120
# In each of the four turns of a comparison.
_A_TURN, _KILLS_A_TURN = 300, 10


@dataclass
class Storm:
    """The deliveries on their way, and the kills so far."""

    fleet: Fleet
    dice: random.Random
    kills: int
    killed: int = 0
    in_gaps: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    doubled: int = 0
    armed: "dict[int, str]" = field(default_factory=dict)

    def keep_workers(self) -> None:
        """Replace dead workers; most of them will die at a failpoint, after a while."""
        for each in [worker for worker in self.fleet.workers if worker.poll() is not None]:
            gap = self.armed.pop(each.pid, "")
            self.in_gaps[gap] = self.in_gaps.get(gap, 0) + 1
            self.killed += 1
        self.fleet.bury()
        while len(self.fleet.workers) < _WORKERS:
            self._start()

    def strike(self) -> None:
        """Kill the web process, or a worker at any point."""
        if self.dice.random() < 0.3:
            self.fleet.kill_web()
            self.killed += 1
            self.fleet.start_web()
        elif self.fleet.workers:
            self.dice.choice(self.fleet.workers).kill()

    def _start(self) -> None:
        gap = self.dice.choice(NAMES) if self.killed < self.kills and self.dice.random() < 0.7 else ""
        # A failpoint is passed about once per run, answers more often, so a process lives for some runs.
        made = self.fleet.start_worker(deadly=gap, passes=max(4, self.dice.randrange(_LEAST_PASSES // 10, _LEAST_PASSES // 4)))
        self.armed[made.pid] = gap or "anywhere"


def run(options: Options) -> dict[str, object]:
    """With --pooler, the storm takes place directly and through PgBouncer, in turn."""
    if options.pooler and (missing := find_missing()):
        return skipped(missing)
    measured = compare(options, _measure, "storm_s") if options.pooler else _measure(options)
    counts = (
        Count("deliveries", measured["deliveries"], 500, small=20, asked=True),
        Count("kills", measured["kills"], 20, small=1, asked=True),
        Count("doubled", measured["doubled"], measured["deliveries"] // 20),
    )
    bars = [*zeros(measured, counts), *([pooler_bar(measured, counts)] if options.pooler else [])]
    return judged(options, measured | {"database": "postgres" if options.pooler else options.database}, bars)


def _measure(options: Options) -> dict[str, Any]:
    """`storm_s` are the seconds from the first delivery until every pull request is finished."""
    full, most = (_A_TURN, _KILLS_A_TURN) if options.pooler else (10_000, 300)
    deliveries = options.n or (40 if options.small else full)
    kills = options.kills or (2 if options.small else most)
    with fleet(options, times=_TIMES) as built:
        built.control.set_limits(primary_hour=1_000_000)
        built.control.set_webhook(mode="hold")
        storm = Storm(built, random.Random(options.seed), kills)
        crowd = Crowd(built.control)
        began = time.monotonic()
        _send_all(storm, crowd, deliveries)
        _settle(storm, crowd)
        took = time.monotonic() - began
        found = crowd.all()
    lost = [number for number, each in zip(crowd.pulls, found, strict=True) if not each.published]
    counted = {"deliveries": storm.sent, "kills": storm.killed, "doubled": storm.doubled}
    more = {"gaps": storm.in_gaps, "lease_s": _TIMES["lease"], "examples": lost[:5], "storm_s": round(took, 1)}
    return tally(found) | counted | more


def _send_all(storm: Storm, crowd: Crowd, deliveries: int) -> None:
    """Open pull requests and push to a third of them, wave by wave."""
    every = max(1, deliveries // max(1, storm.kills))
    with httpx.Client(timeout=10.0, trust_env=False) as client:
        while storm.sent < deliveries:
            _open_wave(crowd)
            fresh = letters(storm.fleet.control)
            wave = _shuffled(storm.dice, fresh)
            storm.doubled += len(wave) - len(fresh)
            _send(storm, client, wave, every)
            progress(f"{storm.sent} of {deliveries} deliveries, {storm.killed} killed")
            _wait_for_room(storm, crowd)


def _open_wave(crowd: Crowd) -> None:
    for number in crowd.open(_WAVE):
        if number % 3 == 0:
            crowd.push(number)


def _shuffled(dice: random.Random, wave: list[Letter]) -> list[Letter]:
    """A tenth doubled, a tenth out of order."""
    doubled = [*wave, *(each for each in wave if dice.random() < 0.1)]
    for index in range(len(doubled) - 1):
        if dice.random() < 0.1:
            other = dice.randrange(len(doubled))
            doubled[index], doubled[other] = doubled[other], doubled[index]
    return doubled


def _send(storm: Storm, client: httpx.Client, wave: list[Letter], every: int) -> None:
    """Repeat a delivery until it is acknowledged, like an operator or the reconciliation; 5 % are repeated anyway."""
    for letter in wave:
        storm.sent += 1
        while deliver(client, storm.fleet.url, letter) not in {200, 202}:
            time.sleep(0.1)
        if storm.dice.random() < 0.05:
            deliver(client, storm.fleet.url, letter)
        if storm.killed < storm.kills and storm.sent % every == every - 1:
            storm.strike()
        storm.keep_workers()


def _wait_for_room(storm: Storm, crowd: Crowd, most: int = 3 * _WAVE) -> None:
    """Wait until few pull requests are waiting, because a storm is no flood."""
    newest = list(crowd.pulls)[-4 * _WAVE :]

    def waiting() -> int:
        storm.keep_workers()
        return sum(not crowd.look(number).published for number in newest)

    until(lambda: waiting() <= most, 120.0)


def _settle(storm: Storm, crowd: Crowd) -> None:
    """Without further kills, every pull request gets the time to finish."""
    for worker in storm.fleet.workers:
        worker.kill()
        worker.wait()
    storm.fleet.bury()
    for _ in range(_WORKERS):
        storm.fleet.start_worker()
    progress(f"{storm.killed} killed; settling")
    crowd.settle(_SETTLE_SECONDS)
