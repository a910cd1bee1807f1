"""The view of the Insights page: charts and tables of counted data. Add a chart here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from app.store.insights import Insights, InsightsPeriod, Ratio
from app.store.spending.daily_spending import DAY
from app.web.views.svg import Bar, Series, bars, columns
from app.web.wording import state_name

_MOST = 12
_NEWEST = "The newest 500 reviews."
_SEVERAL = "A review with several of them counts for each."
_ACCEPTED = "Of a model's findings that people decided on, the share that they fixed, resolved or gave a 👍 instead of dismissing."
_RED = "The newest 500, by the clearest cause in the log; “before” means already red on the base branch."


@dataclass(frozen=True)
class Picture:
    """A chart. `svg` is "" if nothing was counted; `note` explains it, `legend` names its series.

    `name` is the name of its CSV file; `table` are the file's rows, header first.
    """

    title: str
    svg: str
    note: str
    table: tuple[tuple[str, ...], ...]
    legend: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.title.lower().replace(" ", "-")


@dataclass(frozen=True)
class Figure:
    """One number with its name and its base."""

    name: str
    value: str
    note: str


def pictures(found: Insights, spell: InsightsPeriod, names: Mapping[int, str], repository: str = "") -> tuple[Picture, ...]:
    """Every chart in page order; `names` are the repositories' names, `repository` is the chosen one or ""."""
    return (
        _by_day(found, spell, repository),
        _money("Cost by model", found.usd, ""),
        _money("Cost by repository", {names.get(each, str(each)): usd for each, usd in found.repositories.items()}, ""),
        _money("Cost by author", found.groups.authors, _NEWEST),
        _money("Cost by label", found.groups.labels, f"{_NEWEST} {_SEVERAL}"),
        _money("Cost by team", found.groups.teams, f"{_NEWEST} Teams are those that GitHub asked to review. {_SEVERAL}"),
        _shares("Upheld by model", found.seats, "The share of a model's findings that Council recommended."),
        _shares("Upheld by category", found.categories, "The same by kind of defect."),
        _shares("Accepted by model", found.accepted.seats, _ACCEPTED),
        _shares("Accepted by category", found.accepted.categories, "The same by kind of defect."),
        Picture(
            "Why checks were red",
            bars("Why checks were red", [_red(cause) for cause in found.causes]),
            _RED,
            (("cause", "checks", "red before"), *((cause.name, str(cause.whole), str(cause.part)) for cause in found.causes)),
        ),
        _ended(found),
    )


def _by_day(found: Insights, spell: InsightsPeriod, repository: str) -> Picture:
    """The trend; each day links to its runs."""
    days = [datetime.fromtimestamp(spell.since + n * DAY, UTC) for n in range(spell.days)]
    work = (Series("reviews", _floats(found.reviews)), Series("questions", _floats(found.consultations)))
    own = {"repository": repository} if repository else {}
    links = [f"/runs?{urlencode({**own, 'from': f'{day:%Y-%m-%d}', 'to': f'{day:%Y-%m-%d}'})}" for day in days]
    rows = zip((f"{day:%Y-%m-%d}" for day in days), map(str, found.reviews), map(str, found.consultations), strict=True)
    svg = columns("Reviews and questions per day", [f"{day:%b %d}" for day in days], work, links)
    note = "Each day links to its runs."
    return Picture("Reviews and questions per day", svg, note, (("day", "reviews", "questions"), *rows), ("reviews", "questions"))


def _money(title: str, usd: Mapping[str, float], note: str) -> Picture:
    spent = sorted(usd.items(), key=lambda each: (-each[1], each[0]))
    drawn = bars(title, [Bar(name, amount, f"${amount:,.2f}") for name, amount in spent[:_MOST]])
    return Picture(title, drawn, note, (("name", "usd"), *((name, f"{amount:.4f}") for name, amount in spent)))


def _ended(found: Insights) -> Picture:
    ended = sorted(found.ended.items(), key=lambda each: (-each[1], each[0]))
    drawn = bars("How runs ended", [Bar(state_name(name), n, f"{n:,}") for name, n in ended])
    return Picture("How runs ended", drawn, "The newest 500.", (("state", "runs"), *((state_name(name), str(n)) for name, n in ended)))


def key_figures(found: Insights) -> tuple[Figure, ...]:
    """The numbers above the charts."""
    return (
        Figure("Reviews", f"{sum(found.reviews):,}", ""),
        Figure("Questions", f"{sum(found.consultations):,}", ""),
        Figure("Consensus", percent(found.consensus), f"of {found.consensus.whole:,} findings, two models or more agreed"),
        Figure("Accepted", percent(found.accepted.findings), f"of {found.accepted.findings.whole:,} findings that people decided on"),
        Figure("Helpful", percent(found.helpful), f"of {found.helpful.whole:,} answers that people judged"),
        Figure("First sign", median_of(found.first_sign), "median, from the moment a review was due"),
        Figure("Answer", median_of(found.answer), "median, to the end of a review"),
        Figure("Spent", f"${sum(found.usd.values()):,.2f}", ""),
    )


def percent(share: Ratio) -> str:
    """A share in per cent; a dash if there is nothing to count."""
    return f"{share.part / share.whole:.0%}" if share.whole else "–"


def median_of(values: Sequence[float]) -> str:
    """The median of sorted seconds."""
    return f"{values[(len(values) - 1) // 2]:.1f} s" if values else "–"


def _shares(title: str, shares: Sequence[Ratio], note: str) -> Picture:
    rows = [Bar(share.name, share.part / share.whole, f"{share.part} of {share.whole} ({percent(share)})") for share in shares[:_MOST]]
    table = (("name", "part", "whole"), *((share.name, str(share.part), str(share.whole)) for share in shares))
    return Picture(title, bars(title, rows, 1.0), note, table)


def _red(share: Ratio) -> Bar:
    before = f", {share.part:,} before" if share.part else ""
    return Bar(share.name, share.whole, f"{share.whole:,} check{'' if share.whole == 1 else 's'}{before}")


def _floats(values: Sequence[int]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
