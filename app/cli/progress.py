"""Progress in the terminal: one line per seat, with its elapsed time."""

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from app.reporters.text.markdown import plural
from reviewers.council.rounds import SeatEvent
from reviewers.values.verdict import Outcome

_DOING = {"opinion": "reviewing", "critique": "judging the others", "synthesis": "writing the summary"}


class TerminalProgress:
    """Progress that redraws itself on a terminal and prints each event once elsewhere."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._rows: dict[str, str] = {}
        # When each seat's present stage began. Seats that ended have their time in their text.
        self._since: dict[str, float] = {}
        self._live = Live(console=console, transient=True, get_renderable=self.table, refresh_per_second=2) if console.is_terminal else None

    def __enter__(self) -> "TerminalProgress":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, event: SeatEvent) -> None:
        text = self._words(event)
        if not self._live:
            self._console.print(f"{event.seat}: {text}", markup=False, highlight=False)
            return
        self.note(event)
        self._live.refresh()

    def note(self, event: SeatEvent) -> None:
        """Record a seat's stage and its start."""
        self._rows[event.seat] = self._words(event)
        if event.outcome is None:
            self._since[event.seat] = self._clock()
        else:
            self._since.pop(event.seat, None)

    def table(self) -> Table:
        """The table as shown now."""
        table = Table.grid(padding=(0, 2))
        for seat, words in self._rows.items():
            elapsed = f" {self._clock() - self._since[seat]:.0f} s" if seat in self._since else ""
            table.add_row(seat, f"{words}{elapsed}")
        return table

    def _words(self, event: SeatEvent) -> str:
        if event.outcome is None:
            return f"{_DOING[event.stage]} …"
        if event.outcome is not Outcome.ANSWERED:
            return f"{event.outcome.value} ({event.seconds:.0f} s)"
        found = f", {plural(event.findings, 'finding')}" if event.stage == "opinion" else ""
        return f"✓ {event.seconds:.0f} s{found}"
