"""Insights as pictures with words: a pure view of what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.store.daily_spending import DAY
from app.store.insights import Insights, Share, Spell
from app.web.views.svg import Bar, Series, bars, columns

_MOST = 12
_ACCEPTED = "Of what a seat raised and people decided on, the share they fixed, resolved or gave a 👍, rather than dismissed."
_RED = "Of the newest 500, by what a log says most clearly; “before” is on the base branch, without the change."


@dataclass(frozen=True)
class Picture:
    """`svg` is "" where nothing was counted; `note` says how to read it, `legend` names the classes of its series."""

    title: str
    svg: str
    note: str
    legend: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One number with its name and what it is of."""

    name: str
    value: str
    note: str


def pictures(found: Insights, spell: Spell) -> tuple[Picture, ...]:
    """Every picture, in the order of the page."""
    steps = [datetime.fromtimestamp(spell.since + n * DAY, UTC).strftime("%b %d") for n in range(spell.days)]
    work = (Series("reviews", _floats(found.reviews)), Series("consultations", _floats(found.consultations)))
    spent = sorted(found.usd.items(), key=lambda each: (-each[1], each[0]))[:_MOST]
    ended = sorted(found.ended.items(), key=lambda each: (-each[1], each[0]))
    return (
        Picture(
            "Reviews and consultations a day", columns("Reviews and consultations a day", steps, work), "", ("reviews", "consultations")
        ),
        Picture("Cost by model", bars("Cost by model", [Bar(name, usd, f"${usd:,.2f}") for name, usd in spent]), ""),
        Picture("Upheld by seat", _shares("Upheld by seat", found.seats), "Of what a seat raised, the share that the council recommended."),
        Picture("Upheld by category", _shares("Upheld by category", found.categories), "The same by kind of defect."),
        Picture("Accepted by seat", _shares("Accepted by seat", found.accepted.seats), _ACCEPTED),
        Picture("Accepted by category", _shares("Accepted by category", found.accepted.categories), "The same by kind of defect."),
        Picture(
            "Why checks were red",
            bars("Why checks were red", [_red(each) for each in found.causes]),
            _RED,
        ),
        Picture("How runs ended", bars("How runs ended", [Bar(name, n, f"{n:,}") for name, n in ended]), "The newest 500."),
    )


def figures(found: Insights) -> tuple[Figure, ...]:
    """The numbers above the pictures."""
    return (
        Figure("Reviews", f"{sum(found.reviews):,}", ""),
        Figure("Consultations", f"{sum(found.consultations):,}", ""),
        Figure("Consensus", percent(found.consensus), f"of {found.consensus.whole:,} findings, two seats or more agreed"),
        Figure("Accepted", percent(found.accepted.findings), f"of {found.accepted.findings.whole:,} findings that people decided on"),
        Figure("Helpful", percent(found.helpful), f"of {found.helpful.whole:,} answers that people judged"),
        Figure("First sign", middle(found.first_sign), "median, from the moment a review was due"),
        Figure("Answer", middle(found.answer), "median, to the end of a review"),
        Figure("Spent", f"${sum(found.usd.values()):,.2f}", ""),
    )


def percent(share: Share) -> str:
    """A share as people read it; a dash of nothing."""
    return f"{share.part / share.whole:.0%}" if share.whole else "–"


def middle(values: Sequence[float]) -> str:
    """The median of sorted seconds."""
    return f"{values[(len(values) - 1) // 2]:.1f} s" if values else "–"


def _shares(title: str, shares: Sequence[Share]) -> str:
    rows = [Bar(each.name, each.part / each.whole, f"{each.part} of {each.whole} ({percent(each)})") for each in shares[:_MOST]]
    return bars(title, rows, 1.0)


def _red(share: Share) -> Bar:
    before = f", {share.part:,} before" if share.part else ""
    return Bar(share.name, share.whole, f"{share.whole:,} check{'' if share.whole == 1 else 's'}{before}")


def _floats(values: Sequence[int]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
