"""Progress in the terminal: elapsed times, and links to locations."""

import io

import pytest
from rich.console import Console

from app.cli.progress import TerminalProgress
from app.cli.review import _arguments
from app.errors import UserError
from app.reporters.terminal import render
from reviewers.council.rounds import SeatEvent
from reviewers.values.verdict import Outcome
from tests.app.cli.printed import printed
from tests.app.reporters.editions import edition, ranked


def test_elapsed_time_is_updated() -> None:
    now = [100.0]
    lines = TerminalProgress(Console(file=io.StringIO(), force_terminal=True), lambda: now[0])
    lines.note(SeatEvent(seat="gpt", stage="opinion"))
    now[0] = 112.0
    assert "reviewing … 12 s" in printed(lines.table())
    lines.note(SeatEvent(seat="gpt", stage="opinion", outcome=Outcome.ANSWERED, seconds=13.0, findings=2))
    now[0] = 130.0
    assert "✓ 13 s, 2 findings" in printed(lines.table()) and "30 s" not in printed(lines.table())


@pytest.mark.parametrize(("terminal", "shown"), [(True, True), (False, False)])
def test_a_place_is_a_link_in_a_terminal_that_knows_links(terminal: bool, shown: bool) -> None:
    given, out = edition(ranked("A")), io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=80, color_system="standard" if terminal else None)
    console.print(render(given.verdict, given.snapshot, lambda location: f"file:///shop/{location.path}"))
    assert ("file:///shop/cart.py" in out.getvalue()) is shown


@pytest.mark.parametrize("width", [40, 60, 120])
def test_no_color_says_the_same_in_every_width(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    given, out = edition(ranked("A")), io.StringIO()
    Console(file=out, force_terminal=True, width=width).print(render(given.verdict, given.snapshot), crop=False)
    assert "\x1b[3" not in out.getvalue().replace("\x1b[3m", "")
    assert out.getvalue().split("\n")[0].endswith("do not merge yet · 1 high\x1b[0m")


def test_options_are_read_as_in_a_comment() -> None:
    given = _arguments("deep", "openai/gpt-5.5, anthropic/claude-opus-5-5", "0.5", full=True)
    assert (given.preset, given.budget_usd, given.full) == ("deep", 0.5, True)
    assert given.models == ("openai/gpt-5.5", "anthropic/claude-opus-5-5")
    for wrong in (("strong", "", ""), ("", "", "much"), ("", ",", "")):
        with pytest.raises(UserError):
            _arguments(*wrong, full=False)
