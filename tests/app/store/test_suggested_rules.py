"""Which decisions suggest rules, and that a suggestion is opened or dismissed once. On both databases."""

from app.store.engine.database import Database
from app.store.engine.upsert import insert_or
from app.store.reviews import dispositions, outcomes
from app.store.reviews.outcomes import StoredFinding
from app.store.reviews.suggested_rules import (
    FindingLink,
    RuleDecision,
    RuleState,
    find_links,
    list_decided,
    list_rule_decisions,
    save_rule_decision,
    withdraw_rule_decision,
)
from app.store.tables.core import FindingRow, RunRow
from reviewers.learning.feedback import Decision, Disposition, Source
from reviewers.learning.suggested_rules import DecidedFinding
from reviewers.values.finding import Category, Finding, Location, Severity
from tests.app.store.test_run_list import run_row

NOW, DAY = 1_800_000_000.0, 24 * 3600.0
REPOSITORY = 7


async def _sign(database: Database, name: str, source: Source, right: bool, **more: object) -> None:
    found = StoredFinding(name * 64, str(more.get("category", "style")), "docs/a.py", "", "", "")
    repository_id, at = (8 if more.get("elsewhere") else REPOSITORY), (NOW - 181 * DAY if more.get("old") else NOW)
    async with database.write() as connection:
        await outcomes.save_sign(connection, (repository_id, 1, found.fingerprint, source), found, right, at)


async def test_decisions_of_people_with_write_access_count_alone(database: Database) -> None:
    await _sign(database, "a", Source.DISMISSED, False)
    await _sign(database, "b", Source.SAID, True)
    await _sign(database, "c", Source.THUMBS, False)
    # The author of a pull request makes these, and a model this one.
    for name, source in (("d", Source.CHANGED), ("e", Source.RESOLVED), ("f", Source.WITHDRAWN)):
        await _sign(database, name, source, True)
    await _sign(database, "0", Source.DISMISSED, False, old=True)
    await _sign(database, "1", Source.SAID, True, category="security_question")
    await _sign(database, "2", Source.DISMISSED, False, elsewhere=True)
    async with database.read() as connection:
        found = await list_decided(connection, REPOSITORY, NOW)
    assert sorted((each.fingerprint[0], each.confirmed) for each in found) == [("a", False), ("b", True), ("c", False)]


async def test_a_dismissal_outweighs_a_reaction_and_has_a_name(database: Database) -> None:
    await _sign(database, "a", Source.THUMBS, True)
    await _sign(database, "a", Source.DISMISSED, False)
    location = Location(path="docs/a.py", line=1)
    finding = Finding(seat="a", title="", body="", severity=Severity.LOW, category=Category.STYLE, location=location, quote="")
    made = Disposition(number=1, fingerprint="a" * 64, short_id="ab", kind=Decision.DISMISSED, login="ada", reason="", finding=finding)
    async with database.write() as connection:
        await dispositions.save_decision(connection, REPOSITORY, made, NOW, sealed=False)
    async with database.read() as connection:
        (found,) = await list_decided(connection, REPOSITORY, NOW)
    assert (found.confirmed, found.login) == (False, "ada")


async def _decide(
    database: Database, login: str, *evidence: str, state: RuleState = RuleState.OPENED, repository: int = REPOSITORY
) -> bool:
    async with database.write() as connection:
        return await save_rule_decision(connection, repository, RuleDecision("relax:style:docs", state, login, evidence, NOW))


async def test_one_suggestion_is_settled_once(database: Database) -> None:
    assert await _decide(database, "ada", "1:a", "1:b")
    assert not await _decide(database, "will", "1:a", "1:b", state=RuleState.DISMISSED)
    assert not await _decide(database, "will", "1:b")
    assert await _decide(database, "gus", "1:a", repository=8)
    async with database.read() as connection:
        (kept,) = await list_rule_decisions(connection, REPOSITORY)
    assert (kept.login, kept.state, kept.evidence) == ("ada", RuleState.OPENED, ("1:a", "1:b"))
    assert await _decide(database, "will", "1:c", state=RuleState.DISMISSED)
    async with database.write() as connection:
        (kept,) = await list_rule_decisions(connection, REPOSITORY)
        assert (kept.login, kept.state, kept.evidence) == ("will", RuleState.DISMISSED, ("1:a", "1:b", "1:c"))
        assert await withdraw_rule_decision(connection, REPOSITORY, kept.key)
        assert not await withdraw_rule_decision(connection, REPOSITORY, kept.key)
        assert await list_rule_decisions(connection, REPOSITORY) == () and len(await list_rule_decisions(connection, 8)) == 1


async def test_a_finding_is_linked_to_its_newest_run(database: Database) -> None:
    held = {"severity": "low", "standing": "rejected", "category": "style", "path": "a.py", "line": 1, "confidence": 0.5, "inline": False}
    rows = [
        {**held, "raised_by": "a", "run_id": run, "short_id": "1", "repository_id": at, "number": number, "fingerprint": name, "title": run}
        for run, at, number, name in (
            ("old", REPOSITORY, 1, "f"),
            ("new", REPOSITORY, 1, "f"),
            ("pull", REPOSITORY, 2, "f"),
            ("other", REPOSITORY, 1, "g"),
            ("elsewhere", 8, 1, "f"),
        )
    ]
    times = {"old": NOW - 9, "new": NOW - 5, "pull": NOW - 1, "other": NOW, "elsewhere": NOW}
    async with database.write() as connection:
        dialect = connection.dialect.name
        await connection.execute(insert_or(RunRow, dialect), [run_row(str(row["run_id"]), 1, times[str(row["run_id"])]) for row in rows])
        await connection.execute(insert_or(FindingRow, dialect), rows)
    wanted = [
        DecidedFinding(number=number, fingerprint=name, category=Category.STYLE, path="a.py", confirmed=False)
        for number, name in ((1, "f"), (3, "f"), (2, "g"))
    ]
    async with database.read() as connection:
        links = await find_links(connection, REPOSITORY, wanted)
    assert links == {"1:f": FindingLink("new", "1", "new")}
