"""One line a seat while the council sits."""

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from reviewers.council.rounds import SeatEvent
from reviewers.verdict import Outcome

_DOING = {"opinion": "reads", "critique": "judges the others", "synthesis": "words the summary"}


class Lines:
    """A progress that redraws on a terminal, and prints each event once elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: dict[str, str] = {}
        self._live = Live(console=console, transient=True, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> "Lines":
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
        self._rows[event.seat] = text
        table = Table.grid(padding=(0, 2))
        for seat, words in self._rows.items():
            table.add_row(seat, words)
        self._live.update(table, refresh=True)

    def _words(self, event: SeatEvent) -> str:
        if event.outcome is None:
            return f"{_DOING[event.stage]} …"
        if event.outcome is not Outcome.ANSWERED:
            return f"{event.outcome.value} ({event.seconds:.0f} s)"
        found = f", {event.findings} found" if event.stage == "opinion" else ""
        return f"✓ {event.seconds:.0f} s{found}"
