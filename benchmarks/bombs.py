"""Checks that no bomb takes a process down: webhooks, settings, changes, logs and answers made to exhaust memory or block the loop.

Each is thrown at a real web process and a real worker. The kernel counts their memory, and their loops record their own pauses.
"""

from typing import NamedTuple

from benchmarks.bars import Bar, Count, at_least, at_most, exactly, judged
from benchmarks.bomb_kinds import BOMBS, Bomb
from benchmarks.bomb_site import Harm, Site, open_site
from benchmarks.options import Options, progress

# A pause that no person notices, and that does no harm to a waiting delivery.
_STALL_MS, _STALL_MS_SMALL = 100, 1_000
_MEMORY_MB, _MEMORY_MB_SMALL = 400, 500
# At least one per door.
_SMALL = ("25 MB of numbers", "at once", "aliases", "brackets of JavaScript", "2 GB of zeros", "20,000 findings")


class Thrown(NamedTuple):
    """A bomb and its effects."""

    name: str
    ended: bool
    web: Harm
    worker: Harm

    @property
    def memory_mb(self) -> float:
        return max(self.web.memory_mb, self.worker.memory_mb)

    @property
    def stall_ms(self) -> int:
        return max(self.web.stall_ms, self.worker.stall_ms)


def run(options: Options) -> dict[str, object]:
    chosen = [bomb for bomb in BOMBS if not options.small or any(piece in bomb.name for piece in _SMALL)]
    with open_site(options.database) as site:
        thrown = [_throw(site, bomb) for bomb in chosen]
        alive = site.review({"app/pool.py": "def check(pool):\n    return pool.take().close()\n"})
    stall_ms = _STALL_MS_SMALL if options.small else _STALL_MS
    stalls = [each for each in thrown if each.stall_ms > stall_ms]
    keys = {
        "bombs": len(thrown),
        "memory_mb": max(each.memory_mb for each in thrown),
        "stalls": len(stalls),
        "worst_stall_ms": max(each.stall_ms for each in thrown),
        "endless": [each.name for each in thrown if not each.ended],
        "alive": int(alive),
        "heaviest": [f"{each.name}: {each.memory_mb:.0f} MB" for each in sorted(thrown, key=lambda each: -each.memory_mb)[:5]],
        "longest": [f"{each.name}: {each.stall_ms} ms" for each in sorted(thrown, key=lambda each: -each.stall_ms)[:8]],
    }
    counts = (Count("bombs", len(thrown), 20, small=len(_SMALL)),)
    bars = (
        Bar("memory_mb", float(str(keys["memory_mb"])), at_most(_MEMORY_MB, small=_MEMORY_MB_SMALL), counts),
        Bar("stalls", len(stalls), exactly(0), counts),
        Bar("endless", sum(not each.ended for each in thrown), exactly(0), counts),
        Bar("alive", int(alive), at_least(1), counts),
    )
    return judged(options, keys, bars)


def _throw(site: Site, bomb: Bomb) -> Thrown:
    site.web.forget()
    site.worker.forget()
    ended = bomb.throw(site)
    thrown = Thrown(bomb.name, ended, site.web.harm(), site.worker.harm())
    progress(f"{bomb.name}: {'' if ended else 'NO END, '}{thrown.memory_mb:.0f} MB, {thrown.stall_ms} ms")
    return thrown
