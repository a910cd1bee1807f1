"""A virtual clock: time passes only while this process, its children and its servers are idle, and then at once.

The product alone decides whether a deadline of a minute is met, not the load of the machine. Linux only: /proc shows which processes run.
"""

import asyncio
import selectors
import time
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
# How long all must be idle, twice in a row, before time advances; and its minimum step, because servers tick ten times per second.
_QUIET_SECONDS, _STEP_SECONDS = 0.003, 0.25


def run(main: Coroutine[Any, Any, T], step: float = _STEP_SECONDS, servers: Sequence[int] = ()) -> T:
    """Like asyncio.run, with time.monotonic(), time.time() and every timer of the loop on the virtual clock, which advances by `step`.

    `servers` are the pids of daemons that this process talks to. They and their children count as its own.
    """
    real = time.monotonic, time.time
    selector = _IdleSelector(time.monotonic(), step, servers)
    ahead = time.time() - time.monotonic()
    time.monotonic = selector.time  # type: ignore[assignment]
    time.time = lambda: selector.time() + ahead
    try:
        with asyncio.Runner(loop_factory=lambda: _Loop(selector)) as runner:
            return runner.run(main)
    finally:
        time.monotonic, time.time = real


def today() -> datetime:
    """The moment on the virtual clock, for a sandbox that must agree with it."""
    return datetime.fromtimestamp(time.time(), UTC)


class _IdleSelector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Waits for events as usual; instead of waiting for a timer, advances the clock once all are idle."""

    def __init__(self, now: float, step: float, servers: Sequence[int]) -> None:
        super().__init__()
        self._now = now
        self._step = step
        self._servers = servers

    def time(self) -> float:
        return self._now

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Ready files; none after the clock was advanced to the next timer."""
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        quiet = 0
        while quiet < 2:
            if ready := super().select(_QUIET_SECONDS):
                return ready
            quiet = 0 if _anybody_runs(self._servers) else quiet + 1
        self._now += max(timeout, self._step)
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, selector: _IdleSelector) -> None:
        super().__init__(selector)
        self.time = selector.time  # type: ignore[method-assign]


def _anybody_runs(servers: Sequence[int]) -> bool:
    """Whether another thread of this process, or a child or server of it, is on a processor, waits for one, or waits for the disk."""
    me = Path("/proc/self")
    own = Path("/proc/thread-self").resolve().name
    threads = [task for task in (me / "task").iterdir() if task.name != own]
    daemons = [Path(f"/proc/{pid}") for pid in servers]
    processes = [*daemons, *(child for parent in (me, *daemons) for child in _children(parent))]
    # "123 (name) S …": the name may contain anything, the state follows its last bracket.
    return any(_read(each / "stat").rpartition(")")[2].strip()[:1] in {"R", "D"} for each in (*threads, *processes))


def _children(process: Path) -> list[Path]:
    try:
        tasks = list((process / "task").iterdir())
    except OSError:  # it ended meanwhile
        return []
    return [Path("/proc") / pid for task in tasks for pid in _read(task / "children").split()]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""
