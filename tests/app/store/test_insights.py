"""What insights count: by day, by seat, by model, and never from others' repositories."""

from sqlalchemy import update

from app.store import insights
from app.store.deletion import retention
from app.store.engine.database import Database
from app.store.engine.upsert import insert_or, sql_table
from app.store.insights import InsightsPeriod, Ratio
from app.store.queue.missed_deliveries import bookmark
from app.store.reviews import red_checks
from app.store.reviews.run_groups import GroupCosts, keep_groups
from app.store.spending.daily_spending import DAY, Calls, add_up, by_model
from app.store.tables.core import FindingRow, LedgerRow, PublicationRow, RunRow, VoteRow
from app.store.tables.decisions import OutcomeRow
from reviewers.context.snapshot import FailingCheck
from reviewers.learning.feedback import Source
from tests.app.store.test_run_list import run_row

_NOW = 20_000 * DAY + 500.0


async def test_insights_count_what_happened_in_the_span(database: Database) -> None:
    finding = {
        "number": 1,
        "fingerprint": "f",
        "severity": "high",
        "path": "a",
        "line": 1,
        "title": "t",
        "confidence": 0.5,
        "inline": False,
    }
    call = {
        "number": 1,
        "purpose": "opinion",
        "provider": "p",
        "fault": "",
        "reserved_usd": 9.0,
        "input_tokens": 0,
        "cached_tokens": 0,
        "output_tokens": 0,
    }
    async with database.write() as connection:
        dialect = connection.dialect.name
        runs = [
            run_row("a", 1, _NOW - 10, updated_at=_NOW, author="ann"),
            run_row("b", 1, _NOW - DAY, state="dead"),
            run_row("c", 1, _NOW - 9 * DAY),
        ]
        await connection.execute(insert_or(RunRow, dialect), [*runs, run_row("other", 2, _NOW - 10)])
        found = [
            {
                **finding,
                "run_id": "a",
                "short_id": "1",
                "repository_id": 1,
                "standing": "recommended",
                "category": "data",
                "raised_by": "x,y",
            },
            {**finding, "run_id": "a", "short_id": "2", "repository_id": 1, "standing": "rejected", "category": "api", "raised_by": "x"},
            {**finding, "run_id": "a", "short_id": "3", "repository_id": 1, "standing": "rejected", "category": "api", "raised_by": "y"},
            {
                **finding,
                "run_id": "other",
                "short_id": "4",
                "repository_id": 2,
                "standing": "recommended",
                "category": "api",
                "raised_by": "x",
            },
        ]
        await connection.execute(insert_or(FindingRow, dialect), found)
        await connection.execute(
            insert_or(VoteRow, dialect), [{"run_id": "a", "short_id": "2", "seat": "y", "stance": "confirm", "evidence": ""}]
        )
        money = [
            {**call, "id": n, "run_id": r, "repository_id": at, "model": "m", "spent_usd": 1.5, "created_at": _NOW - 5}
            for n, r, at in (("1", "a", 1), ("2", "other", 2))
        ]
        await connection.execute(insert_or(LedgerRow, dialect), money)
        sign = {
            "owner": "a",
            "surface": "check",
            "marker": "",
            "remote_id": "",
            "url": "",
            "concluding": False,
            "done": True,
            "created_at": _NOW - 8,
        }
        await connection.execute(insert_or(PublicationRow, dialect).values(sign))
        await keep_groups(connection, "a", 1, ["docs", "urgent"], ["core"])
        await keep_groups(connection, "other", 2, ["docs"], ["core"])
    async with database.read() as connection:
        counted = await insights.read_insights(connection, InsightsPeriod((1,), _NOW, 7))
        nobody = await insights.read_insights(connection, InsightsPeriod((), _NOW, 7))
        # Few repositories are read one by one, many in one condition.
        few = await insights.read_insights(connection, InsightsPeriod((3, 1), _NOW, 7))
        many = await insights.read_insights(connection, InsightsPeriod((1, *range(3, 150)), _NOW, 7))
    assert counted.reviews == (0, 0, 0, 0, 0, 1, 1) and counted.ended == {"published": 1, "dead": 1}
    assert counted == few == many
    assert counted.usd == {"m": 1.5} and counted.groups == GroupCosts({"ann": 1.5}, {"docs": 1.5, "urgent": 1.5}, {"core": 1.5})
    assert counted.seats == (Ratio("x", 1, 2), Ratio("y", 1, 2)) and counted.categories == (Ratio("api", 0, 2), Ratio("data", 1, 1))
    assert counted.consensus == Ratio("findings", 2, 3) and counted.helpful == Ratio("answers", 0, 0)
    assert (counted.first_sign, counted.answer) == ((2.0,), (10.0,))
    assert nobody.reviews == (0,) * 7 and not nobody.usd and not nobody.ended


async def test_what_people_accepted_is_counted_by_their_latest_sign(database: Database) -> None:
    seats = {"confirmed_by": "z", "rejected_by": "", "path": "a", "repository_id": 1, "number": 1}
    signs = [
        ("f1", "changed", True, "x,y", "data", 1.0),
        ("f2", "resolved", True, "x", "api", 3.0),
        ("f2", "dismissed", False, "x", "api", 2.0),
        ("f3", "dismissed", False, "y", "api", 1.0),
        ("f4", Source.WITHDRAWN, False, "y", "api", 1.0),
        ("f5", "thumbs", True, "y", "api", 9 * DAY),
    ]
    names = ("fingerprint", "source", "right", "raised_by", "category", "at")
    rows = [{**seats, **dict(zip(names, sign, strict=True)), "at": _NOW - sign[-1]} for sign in signs]
    async with database.write() as connection:
        await connection.execute(insert_or(OutcomeRow, connection.dialect.name), [*rows, {**rows[0], "repository_id": 2}])
    async with database.read() as connection:
        counted = (await insights.read_insights(connection, InsightsPeriod((1,), _NOW, 7))).accepted
    assert counted.seats == (Ratio("x", 1, 2), Ratio("y", 1, 2))
    assert counted.categories == (Ratio("api", 0, 2), Ratio("data", 1, 1)) and counted.findings == Ratio("findings", 1, 3)


async def test_a_failing_checks_cause_counts_once_per_check_and_run(database: Database) -> None:
    test = FailingCheck(name="unit", url="", lines=("E   ZeroDivisionError: division by zero", "FAILED tests/a.py::b"), red_before=True)
    lint = FailingCheck(name="lint", url="", lines=("src/a.ts:3:5: error TS2304: Cannot find name 'x'",))
    unread = FailingCheck(name="deploy", url="", lines=())
    async with database.write() as connection:
        await red_checks.save_red_checks(connection, "r1", 1, (test, lint), _NOW - 10)
        await red_checks.save_red_checks(connection, "r1", 1, (test, lint), _NOW - 5)
        await red_checks.save_red_checks(connection, "r2", 1, (test, unread), _NOW - 5)
        await red_checks.save_red_checks(connection, "r3", 2, (test,), _NOW - 5)
        await red_checks.save_red_checks(connection, "r4", 1, (), _NOW - 5)
    async with database.read() as connection:
        counted = (await insights.read_insights(connection, InsightsPeriod((1,), _NOW, 7))).causes
    assert counted == (Ratio("failed test", 2, 2), Ratio("compile or lint error", 0, 1), Ratio("log not readable", 0, 1))
    async with database.write() as connection:
        await retention.forget_repositories(connection, [1])
        assert (await insights.read_insights(connection, InsightsPeriod((1,), _NOW, 7))).causes == ()


async def test_daily_sums_and_later_calls_count_each_call_once(database: Database) -> None:
    """However much was summed so far, and however often."""
    call = {"number": 1, "purpose": "opinion", "provider": "p", "input_tokens": 0, "cached_tokens": 0, "output_tokens": 0}
    rows = [
        {**call, "id": f"{n}", "run_id": "r", "repository_id": 1 + n % 2, "model": "m", "fault": "", "reserved_usd": 0.5}
        | {"spent_usd": 0.25, "created_at": _NOW - n * DAY / 4, "settled_at": _NOW - n * DAY / 4 + 2}
        for n in range(60)
    ]
    # A call in progress holds the sums back. A call that a process left open days ago does not.
    rows[3] |= {"settled_at": None, "spent_usd": None}
    rows[40] |= {"settled_at": None, "spent_usd": None}
    async with database.write() as connection:
        await connection.execute(insert_or(LedgerRow, connection.dialect.name), rows)
        before = await by_model(connection)
        assert await add_up(connection, _NOW)
        half = await by_model(connection)
        assert await add_up(connection, _NOW) and not await add_up(connection, _NOW) and not await add_up(connection, _NOW)
        after, since, mine = (
            await by_model(connection),
            await by_model(connection, _NOW // DAY * DAY - 2 * DAY),
            await by_model(connection, 0.0, [2]),
        )
        assert await bookmark(connection, "spending") == _NOW - 3 * DAY / 4
        await connection.execute(
            update(sql_table(LedgerRow)).where(sql_table(LedgerRow).c.id == "3").values(settled_at=_NOW, spent_usd=1.5)
        )
        assert not await add_up(connection, _NOW)
        settled = await by_model(connection)
        await retention.forget_repositories(connection, [1, 2])
        (kept,) = await by_model(connection)
        assert (kept.model, kept.usd) == ("(deleted repositories)", 16.5)
        assert await by_model(connection, repository_ids=[1, 2]) == ()
    assert before == half == after == (Calls("m", "", 60, 116.0, 15.5),)
    assert [(each.calls, each.usd) for each in (*since, *mine)] == [(9, 2.5), (30, 7.75)]
    assert settled == (Calls("m", "", 60, 116.0 + 3 * DAY / 4, 16.5),)
