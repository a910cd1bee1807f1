"""The events of a site's storm while pull requests are opened and pushed to: one blow in the middle of each wave."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import real_parts, server
from benchmarks.crowd import Crowd
from benchmarks.fleet import until
from benchmarks.machine_site import Site
from benchmarks.options import progress
from benchmarks.real_parts import Part

_WAVE, _SMALL_WAVE = 12, 6
# With more waiting than this, it is a flood and not a storm.
_MOST_WAITING = 8
_JOBS_END_WITHIN = 60.0
_OPEN = "SELECT count(*) FROM job WHERE state IN ('queued', 'running') AND run_at < extract(epoch FROM now()) + 300"


class Storm:
    """Waves of pull requests and the blow in each. `quick` makes both small and short."""

    def __init__(self, site: Site, crowd: Crowd, seed: int, *, quick: bool = False) -> None:
        self.site = site
        self._crowd = crowd
        self._dice = random.Random(seed)
        self._quick = quick
        self.wanted_at: dict[int, float] = {}
        self._dump: Path | None = None

    def strike(self, blow: "Blow") -> None:
        """A wave: some are opened, a web or worker dies, the blow falls, and more are opened and pushed to in the meantime."""
        began, size = time.monotonic(), _SMALL_WAVE if self._quick else _WAVE
        first = self.open(size // 2)
        if not self._quick:
            self.kill_any()
        blow.fall(self)
        self.open(size - size // 2)
        for number in first:
            if number % 3 == 0:
                self._push(number)
        until(lambda: self._waiting(size) <= (size // 2 if self._quick else _MOST_WAITING), 60.0)
        took, waiting = time.monotonic() - began, self._waiting(size)
        progress(f"{blow.name}: {took:.0f} s, {len(self._crowd.pulls)} opened, {waiting} waiting, {self.site.kills} killed")

    def open(self, count: int) -> list[int]:
        """Open some more, and record when, by the wall clock."""
        now = time.time()
        numbers = self._crowd.open(count)
        self.wanted_at |= dict.fromkeys(numbers, now)
        return numbers

    def _push(self, number: int) -> None:
        self.wanted_at[number] = time.time()
        self._crowd.push(number)

    def kill_any(self) -> None:
        """kill -9 of one web or worker."""
        self.site.restart(self._dice.choice([*self.site.webs, *self.site.workers]))

    def pause(self, seconds: float) -> float:
        """That time, or a quarter of it in the small form."""
        return seconds / 4 if self._quick else seconds

    def upgrade(self) -> None:
        """Work begins with an older release; then workers and webs are replaced one by one while it continues."""
        self.open(_WAVE // 2)
        time.sleep(5.0)
        for worker in list(self.site.workers):
            self.site.drop_worker(worker)
            self.site.add_worker()
            self.open(2)
        home = Path(__file__).parents[1]
        for web in self.site.webs:
            web.stop()
            web.folder = home
            web.start()
            self.open(2)
        progress(f"upgraded while {len(self._crowd.pulls)} were opened")

    def kill_each(self, *parts: Part) -> None:
        """kill -9, one after the other, each restarted at once."""
        for part in parts:
            self.site.restart(part)

    def back_up(self) -> None:
        """A dump in the middle of work."""
        self._dump = self.site.back_up()

    def restore(self) -> None:
        """Restore the newest dump while work continues that it does not contain."""
        if self._dump is None:
            raise RuntimeError("nothing was backed up")
        self.site.restore(self._dump)

    def wrong_key(self) -> None:
        """One worker restarts with another App's key, and later with the right one."""
        self._replaced_for(self.pause(15.0), PRIVATE_KEY=server.pem())

    def wrong_clocks(self) -> None:
        """One worker's clock is 90 s ahead and another's 90 s behind; then both are right again."""
        first, second = self.site.workers[:2]
        for worker in (first, second):
            self.site.drop_worker(worker)
        skewed = [self.site.add_worker(**real_parts.wrong_clock(by)) for by in ("+90s", "-90s")]
        self.open(_SMALL_WAVE)
        time.sleep(self.pause(30.0))
        for worker in skewed:
            self.site.drop_worker(worker)
            self.site.add_worker()

    def _replaced_for(self, seconds: float, **environment: str) -> None:
        self.site.drop_worker(self.site.workers[0])
        other = self.site.add_worker(**environment)
        self.open(_SMALL_WAVE)
        time.sleep(seconds)
        self.site.drop_worker(other)
        self.site.add_worker()

    def _waiting(self, size: int) -> int:
        newest = list(self._crowd.pulls)[-2 * size :]
        return sum(not self._crowd.look(number).published for number in newest)

    def wait_for_jobs(self) -> int:
        """The number of unfinished jobs that are due within minutes, after some time to finish."""
        import asyncio

        def left() -> int:
            return int(str(asyncio.run(self.site.rows(_OPEN))[0][0]))

        until(lambda: left() == 0, _JOBS_END_WITHIN, pause=1.0)
        return left()


@dataclass(frozen=True)
class Blow:
    """A blow, by the name that progress shows."""

    name: str
    fall: Callable[[Storm], object]


def _kills(storm: Storm) -> None:
    site = storm.site
    storm.kill_each(*site.webs, *site.workers)


_PARTS = Blow("nginx, PgBouncer and Redis killed", lambda storm: storm.kill_each(storm.site.nginx, storm.site.pgbouncer, storm.site.redis))
_POSTGRES = Blow("PostgreSQL killed", lambda storm: storm.kill_each(storm.site.postgres))
_PROCESSES = Blow("web and workers killed", _kills)
_FAILOVER = Blow("PostgreSQL away for 20 s", lambda storm: storm.site.fail_over(storm.pause(20.0)))
_STANDBY = Blow("the database only reads for 15 s", lambda storm: storm.site.read_only(storm.pause(15.0)))
_KEY = Blow("a wrong key", Storm.wrong_key)
_CLOCKS = Blow("clocks 90 s off", Storm.wrong_clocks)
_DUMP = Blow("a backup", Storm.back_up)
_RESTORE = Blow("a restore", Storm.restore)
STORM = (
    *(_PARTS, _PROCESSES, _POSTGRES, _DUMP, _FAILOVER, _RESTORE, _STANDBY),
    *(_KEY, _CLOCKS, _DUMP, _PROCESSES, _RESTORE, _PARTS, _POSTGRES, _STANDBY),
)
SMALL_STORM = (
    Blow("nginx, PgBouncer and Redis killed, and a backup", lambda storm: (_PARTS.fall(storm), _DUMP.fall(storm))),
    Blow("PostgreSQL killed, and a restore", lambda storm: (_POSTGRES.fall(storm), _RESTORE.fall(storm))),
)
