"""A decision about a finding belongs to its repository, the last one counts, and withdrawing one keeps the others. On both databases."""

from app.store.engine.database import Database
from app.store.reviews import dispositions
from reviewers.learning.feedback import Decision, Disposition
from reviewers.values.finding import Category, Finding, Location, Severity

FINDING = Finding(
    seat="a",
    title="Leaks",
    body="",
    severity=Severity.HIGH,
    category=Category.CORRECTNESS,
    location=Location(path="a.py", line=3),
    quote="",
)


def _decision(fingerprint: str = "f" * 64, number: int = 5, reason: str = "a test covers it") -> Disposition:
    return Disposition(
        number=number, fingerprint=fingerprint, short_id="ab12", kind=Decision.DISMISSED, login="ada", reason=reason, finding=FINDING
    )


async def _put(database: Database, repository_id: int, *decisions: Disposition) -> None:
    async with database.write() as connection:
        for at, decision in enumerate(decisions):
            await dispositions.save_decision(connection, repository_id, decision, float(at), sealed=False)


async def _reasons(database: Database, repository_id: int, number: int = 5) -> list[str]:
    async with database.read() as connection:
        by_number = [found.reason for found in await dispositions.decisions_about(connection, repository_id, number)]
        by_path = [found.reason for found in await dispositions.of_paths(connection, repository_id, number, ["a.py"])]
    assert by_number == by_path
    return by_number


async def test_a_decision_is_known_in_its_repository_alone(database: Database) -> None:
    await _put(database, 7, _decision())
    assert await _reasons(database, 7) == ["a test covers it"]
    assert await _reasons(database, 8) == []


async def test_the_last_decision_on_a_finding_counts(database: Database) -> None:
    await _put(database, 7, _decision(), _decision(reason="it is on purpose"))
    assert await _reasons(database, 7) == ["it is on purpose"]


async def test_withdrawing_one_decision_keeps_the_others(database: Database) -> None:
    await _put(database, 7, _decision("a" * 64, reason="one"), _decision("b" * 64, reason="two"))
    await _put(database, 8, _decision("a" * 64, reason="elsewhere"))
    async with database.write() as connection:
        await dispositions.withdraw_decision(connection, 7, 5, "a" * 64)
    assert await _reasons(database, 7) == ["two"]
    assert await _reasons(database, 8) == ["elsewhere"]


async def test_a_decision_elsewhere_counts_for_the_same_file(database: Database) -> None:
    await _put(database, 7, _decision(number=4))
    async with database.read() as connection:
        assert await dispositions.decisions_about(connection, 7, 5) == ()
        assert len(await dispositions.of_paths(connection, 7, 5, ["a.py"])) == 1
        assert await dispositions.of_paths(connection, 7, 5, ["b.py"]) == ()
