"""Deliveries doubled, reordered and sent again, while web and workers are killed: what was acknowledged is done once, and once only."""

import random
import subprocess
import time
from dataclasses import dataclass, field

import httpx

from app.failpoints import NAMES
from benchmarks import tenants
from benchmarks.checker import missed, seen_from_afar, tally
from benchmarks.fleet import Fleet, Letter, deliver, fleet, letters, until
from benchmarks.options import Options, progress

_TIMES = {"lease": 2.0, "heartbeat": 0.5, "poll": 0.25}
_WORKERS = 2
_WAVE = 24
_SETTLE_SECONDS = 180.0
# A job that dies twice in one step is given up, which is right; so a process lives long enough to finish what it took over.
_LEAST_PASSES = 120


@dataclass
class Storm:
    """The deliveries on their way, and the blows that fell."""

    fleet: Fleet
    dice: random.Random
    kills: int
    killed: int = 0
    in_gaps: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    armed: "dict[int, str]" = field(default_factory=dict)

    def keep_workers(self) -> None:
        """Replace the workers that died; most are to die in a gap, after a while."""
        for each in [each for each in self.fleet.workers if each.poll() is not None]:
            gap = self.armed.pop(each.pid, "")
            self.in_gaps[gap] = self.in_gaps.get(gap, 0) + 1
            self.killed += 1
        self.fleet.bury()
        while len(self.fleet.workers) < _WORKERS:
            self._start()

    def strike(self) -> None:
        """Kill the web process, or a worker wherever it is."""
        if self.dice.random() < 0.3:
            self.fleet.kill_web()
            self.killed += 1
            self.fleet.start_web()
        elif self.fleet.workers:
            self.dice.choice(self.fleet.workers).kill()

    def _start(self) -> None:
        gap = self.dice.choice(NAMES) if self.killed < self.kills and self.dice.random() < 0.7 else ""
        # Gaps are passed once a run or so, answers more often: all the same, a life of some runs.
        made = self.fleet.start_worker(deadly=gap, passes=max(4, self.dice.randrange(_LEAST_PASSES // 10, _LEAST_PASSES // 4)))
        self.armed[made.pid] = gap or "anywhere"


def run(options: Options) -> dict[str, object]:
    deliveries = options.n or (40 if options.small else 10_000)
    kills = options.kills or (2 if options.small else 300)
    dice = random.Random(options.seed)
    with fleet(options, times=_TIMES) as built:
        built.control.set_limits(primary_hour=1_000_000)
        built.control.set_webhook(mode="hold")
        storm = Storm(built, dice, kills)
        pulls = _send_all(storm, deliveries)
        _settle(storm, pulls)
        found = [seen_from_afar(built.control.pull(tenants.name(number), pull)) for number, pull in pulls.items()]
    measured = tally(found)
    lost = [f"{tenants.name(number)}#{pull}" for (number, pull), each in zip(pulls.items(), found, strict=True) if not each.published]
    measured |= {"deliveries": storm.sent, "kills": storm.killed, "gaps": storm.in_gaps, "lease_s": _TIMES["lease"], "examples": lost[:5]}
    return measured | {"database": options.database, "failed": missed(measured)}


def _send_all(storm: Storm, deliveries: int) -> dict[int, int]:
    """Open pull requests and push to a third of them, wave by wave; returns number → pull request number."""
    pulls: dict[int, int] = {}
    every = max(1, deliveries // max(1, storm.kills))
    with httpx.Client(timeout=10.0, trust_env=False) as client:
        while storm.sent < deliveries:
            _open_wave(storm, pulls)
            _send(storm, client, _shuffled(storm.dice, letters(storm.fleet.control)), every)
            progress(f"{storm.sent} of {deliveries} deliveries, {storm.killed} killed")
            _wait_for_room(storm, pulls)
    return pulls


def _open_wave(storm: Storm, pulls: dict[int, int]) -> None:
    control = storm.fleet.control
    for number in range(len(pulls), len(pulls) + _WAVE):
        if number % tenants.PULLS_A_TENANT == 0:
            control.create_repository(tenants.name(number), tenants.BASE)
        options = {"branch": f"change-{number}"}
        pulls[number] = control.open_pull_request(tenants.name(number), f"Change {number}", tenants.defect(number), **options)
        if number % 3 == 0:
            control.push(tenants.name(number), pulls[number], tenants.defect(number, 1))


def _shuffled(dice: random.Random, wave: list[Letter]) -> list[Letter]:
    """A tenth doubled, a tenth out of order."""
    doubled = [*wave, *(each for each in wave if dice.random() < 0.1)]
    for index in range(len(doubled) - 1):
        if dice.random() < 0.1:
            other = dice.randrange(len(doubled))
            doubled[index], doubled[other] = doubled[other], doubled[index]
    return doubled


def _send(storm: Storm, client: httpx.Client, wave: list[Letter], every: int) -> None:
    """What is not acknowledged is sent again until it is, as an operator or the reconciliation would; 5 % are sent again anyway."""
    for letter in wave:
        storm.sent += 1
        while deliver(client, storm.fleet.url, letter) not in {200, 202}:
            time.sleep(0.1)
        if storm.dice.random() < 0.05:
            deliver(client, storm.fleet.url, letter)
        if storm.killed < storm.kills and storm.sent % every == every - 1:
            storm.strike()
        storm.keep_workers()


def _wait_for_room(storm: Storm, pulls: dict[int, int], most: int = 3 * _WAVE) -> None:
    """Go on when no more than some pull requests are waiting, for a storm is no flood."""
    newest = list(pulls.items())[-4 * _WAVE :]

    def open_ones() -> int:
        storm.keep_workers()
        return sum(not seen_from_afar(storm.fleet.control.pull(tenants.name(number), pull)).published for number, pull in newest)

    until(lambda: open_ones() <= most, 120.0)


def _settle(storm: Storm, pulls: dict[int, int]) -> None:
    """No more blows: every pull request gets the time to be done."""
    storm.kills = 0
    while storm.fleet.workers:
        worker = storm.fleet.workers.pop()
        worker.kill()
        worker.wait()
    storm.armed.clear()
    workers: list[subprocess.Popen[bytes]] = [storm.fleet.start_worker() for _ in range(_WORKERS)]
    progress(f"{storm.killed} killed; settling with {len(workers)} workers")
    waiting = dict(pulls)

    def done() -> bool:
        for number, pull in list(waiting.items()):
            found = seen_from_afar(storm.fleet.control.pull(tenants.name(number), pull))
            if found.published and not found.left_open:
                del waiting[number]
        return not waiting

    until(done, _SETTLE_SECONDS, pause=1.0)
