"""Charts: their descriptions contain what they show, and names are escaped."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.store.insights import AcceptedFindings, Insights, InsightsPeriod, Ratio
from app.store.reviews.run_groups import GroupCosts
from app.store.reviews.run_page import ModelCall
from app.store.spending.daily_spending import DAY
from app.web.views import svg
from app.web.views.csv_table import to_csv
from app.web.views.insights import key_figures, median_of, percent, pictures
from app.web.views.timeline import timeline
from app.web.views.usage import project, sum_months

_HOSTILE = '</svg><script>alert(1)</script>&"'


@pytest.mark.parametrize(("value", "end"), [(0.03, 0.04), (0.9, 1), (1, 1), (3, 4), (7, 10), (12, 20), (41, 50), (999, 1000), (1000, 1000)])
def test_an_axis_ends_on_a_round_number(value: float, end: float) -> None:
    assert svg.nice_ceiling(value) == pytest.approx(end)


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (1234, "1,234"), (0.5, "0.50"), (12.34, "12.3")])
def test_an_amount_is_short(value: float, text: str) -> None:
    assert svg.short_number(value) == text


def test_nothing_draws_nothing() -> None:
    assert svg.bars("x", []) == svg.columns("x", ["a"], [svg.Series("s", (0.0,))]) == svg.columns("x", [], []) == timeline([], 0) == ""


@pytest.mark.parametrize(
    "picture",
    [
        svg.bars(_HOSTILE, [svg.Bar(_HOSTILE, 3, _HOSTILE), svg.Bar("nothing", 0, "0")]),
        svg.columns(_HOSTILE, [_HOSTILE, "b", "c"], [svg.Series(_HOSTILE, (1, 0, 2)), svg.Series("s", (0, 0, 1))]),
        timeline(
            [ModelCall("opinion", _HOSTILE, _HOSTILE, 0.1, 1, 0, 1, 10.0, None), ModelCall("critique", "m", "", 0.1, 1, 0, 1, 10.0, 9.0)],
            12.0,
        ),
    ],
)
def test_a_picture_is_well_formed_and_says_what_it_shows(picture: str) -> None:
    drawn = ET.fromstring(picture)
    assert drawn.tag == "svg" and drawn.get("role") == "img" and drawn.get("aria-label")
    assert not list(drawn.iter("script"))
    for each in drawn.iter("rect"):
        left, width = (float((each.get(name) or "").rstrip("%")) for name in ("x", "width"))
        # Widths in per cent, so that a chart fits a phone and its text keeps its size.
        assert (each.get("width") or "").endswith("%") and 0 <= left <= 100 and 0 <= width <= 100.1


def test_a_share_is_drawn_as_a_part_of_all() -> None:
    drawn = ET.fromstring(svg.bars("Upheld", [svg.Bar("a", 0.25, "1 of 4"), svg.Bar("b", 0.5, "1 of 2")], 1.0))
    assert [each.get("width") for each in drawn.iter("rect") if each.get("class") == "c0"] == ["25.0%", "50.0%"]


def test_the_words_of_a_picture_hold_its_figures() -> None:
    drawn = ET.fromstring(svg.columns("Reviews", ["Mon", "Tue"], [svg.Series("reviews", (1, 4)), svg.Series("questions", (0, 2))]))
    assert drawn.get("aria-label") == "Reviews. reviews 5, questions 2; most on Tue: 6"


def test_insights_of_nothing_and_of_something() -> None:
    spell = InsightsPeriod((1,), 10 * DAY + 5, 3)
    nothing = Insights((0, 0, 0), (0, 0, 0), {}, {}, (), (), Ratio("findings", 0, 0), Ratio("answers", 0, 0), (), ())
    assert all(picture.svg == "" for picture in pictures(nothing, spell, {}))
    assert [figure.value for figure in key_figures(nothing)] == ["0", "0", "–", "–", "–", "–", "–", "$0.00"]
    some = Insights(
        (1, 0, 2), (0, 1, 0), {"published": 3}, {"m": 1.5}, (Ratio("s", 1, 2),), (), Ratio("f", 1, 3), Ratio("a", 2, 2), (1.0, 2.0), (9.0,)
    )
    assert [figure.value for figure in key_figures(some)] == ["3", "1", "33%", "–", "100%", "1.0 s", "9.0 s", "$1.50"]
    assert "Jan 11" in pictures(some, spell, {})[0].svg and "1 of 2 (50%)" in pictures(some, spell, {})[6].svg
    assert (percent(Ratio("", 1, 8)), median_of((1.0, 2.0, 9.0))) == ("12%", "2.0 s")


def test_charts_of_acceptance_and_causes() -> None:
    nothing = Insights((0,), (0,), {}, {}, (), (), Ratio("findings", 0, 0), Ratio("answers", 0, 0), (), ())
    accepted = AcceptedFindings((Ratio("gpt", 3, 4),), (Ratio("data", 1, 1),), Ratio("findings", 3, 4))
    some = replace(nothing, accepted=accepted, causes=(Ratio("failed test", 2, 5), Ratio("time-out", 0, 1)))
    drawn = {picture.title: picture.svg for picture in pictures(some, InsightsPeriod((1,), 10 * DAY, 1), {})}
    assert "3 of 4 (75%)" in drawn["Accepted by model"] and "data" in drawn["Accepted by category"]
    assert "5 checks, 2 before" in drawn["Why checks were red"] and "1 check<" in drawn["Why checks were red"]
    assert [figure.value for figure in key_figures(some)][3] == "75%"


def test_each_day_of_the_trend_leads_to_its_runs() -> None:
    spell = InsightsPeriod((1,), 10 * DAY + 5, 3)
    nothing = Insights((1, 0, 2), (0, 1, 0), {}, {}, (), (), Ratio("findings", 0, 0), Ratio("answers", 0, 0), (), ())
    drawn = ET.fromstring(pictures(nothing, spell, {}, "acme/shop")[0].svg)
    links = [each.get("href") for each in drawn.iter("a")]
    assert links[0] == "/runs?repository=acme%2Fshop&from=1970-01-09&to=1970-01-09" and len(links) == 3
    assert drawn.get("role") == "group" and all(each.get("aria-label") for each in drawn.iter("a"))


def test_a_table_is_csv_that_no_spreadsheet_runs() -> None:
    spell = InsightsPeriod((1,), 10 * DAY + 5, 1)
    groups = GroupCosts({"=cmd()": 1.0, "ana": 0.5}, {'a "b", c': 0.25}, {})
    found = Insights((0,), (0,), {}, {}, (), (), Ratio("f", 0, 0), Ratio("a", 0, 0), (), (), groups=groups, repositories={7: 2.0})
    tables = {picture.name: to_csv(picture.table) for picture in pictures(found, spell, {7: "acme/shop"})}
    assert tables["cost-by-author"] == "name,usd\r\n'=cmd(),1.0000\r\nana,0.5000\r\n"
    assert tables["cost-by-label"] == 'name,usd\r\n"a ""b"", c",0.2500\r\n' and tables["cost-by-repository"].endswith(
        "acme/shop,2.0000\r\n"
    )
    assert all(table.count("\n") >= 1 for table in tables.values()) and len(tables) == 12


@pytest.mark.parametrize(("day", "usd", "month"), [("2026-11-15", 15.0, 30.0), ("2026-11-01", 1.0, 30.0), ("2026-02-14", 7.0, 14.0)])
def test_a_month_is_projected_at_its_pace(day: str, usd: float, month: float) -> None:
    end = datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp() + (0 if day.endswith("-01") else DAY)
    assert project(usd, end) == pytest.approx(month)


def test_days_are_summed_by_month() -> None:
    now = datetime(2026, 3, 5, tzinfo=UTC).timestamp()
    days = {datetime(2026, 2, 28, tzinfo=UTC).timestamp(): 1.0, datetime(2026, 3, 1, tzinfo=UTC).timestamp(): 2.0, now: 0.5}
    assert [(month.name, month.usd) for month in sum_months(days, now, 3)] == [("Mar 2026", 2.5), ("Feb 2026", 1.0), ("Jan 2026", 0.0)]
