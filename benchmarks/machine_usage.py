"""Reads what the processes of a site use of this machine, and names the resource that limits its rate."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# A process with one thread, or a machine, is at its limit from this share on; below it, scheduling does not keep up either.
_FULL = 0.85


@dataclass(frozen=True)
class Usage:
    """What was used in some seconds: CPU-seconds by process, those of the whole machine, and the reviews that ran at once.

    `slots` is how many reviews could run at once, `in_flight` how many did on average.
    """

    seconds: float
    cores: int
    spent: Mapping[str, float]
    machine: float
    slots: int
    in_flight: float

    def cores_of(self, name: str) -> float:
        """The cores that processes took whose name begins so."""
        return sum(spent for process, spent in self.spent.items() if process.startswith(name)) / self.seconds

    @property
    def busy(self) -> float:
        """The busy cores of the machine, with what other programs took."""
        return self.machine / self.seconds


def name_limit(usage: Usage) -> str:
    """The resource that was used up, in words."""
    if usage.busy >= _FULL * usage.cores:
        parts = {name: usage.cores_of(name) for name in ("worker", "web", "postgres", "pgbouncer", "redis", "nginx", "sandbox")}
        shares = ", ".join(f"{name} {cores:.2f}" for name, cores in parts.items() if cores >= 0.05)
        return f"the {usage.cores} cores of this machine ({shares}, other programs {max(0.0, usage.busy - sum(parts.values())):.2f})"
    name, spent = max(usage.spent.items(), key=lambda item: item[1])
    if spent >= _FULL * usage.seconds:
        return f"one core, which {name} uses up"
    if usage.in_flight >= _FULL * usage.slots:
        return f"the {usage.slots} reviews that run at once"
    return f"none of these: {usage.busy:.2f} of {usage.cores} cores, {usage.in_flight:.1f} of {usage.slots} reviews at once"


def cpu_seconds(root: int) -> float:
    """The CPU time of a process and of all below it, ended ones included; 0 if it is gone."""
    below, stats = dict[int, list[int]](), dict[int, Sequence[str]]()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(path.parent.name)
        stats[pid] = words
        below.setdefault(int(words[1]), []).append(pid)
    waiting, ticks = [root], 0
    while waiting:
        pid = waiting.pop()
        # User and system time, and those of children that were waited for.
        ticks += sum(int(word) for word in stats[pid][11:15]) if pid in stats else 0
        waiting += below.get(pid, [])
    return ticks / _TICKS


def machine_seconds() -> float:
    """The CPU time of all cores since the machine's start, without idle time."""
    user, nice, system, _, _, irq, soft = (int(word) for word in Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + soft) / _TICKS
