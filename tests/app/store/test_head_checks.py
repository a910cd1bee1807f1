"""The check run of a head: its parts, which of them count, and that only a verdict replaces a failure. On both databases."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from app.github.publisher import Conclusion
from app.reporters.shared_check import combine, combine_group, read_part
from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.queue.deliveries import Debounce, DeliveryWithJobs, record_deliveries
from app.store.reviews import head_checks
from app.store.reviews.head_checks import CheckedHead, CheckPart
from app.store.reviews.runs import close_runs, know_repository, set_wanted_head
from app.store.tables.core import JobRow
from webhooks.jobs import NoteThread, RepositoryRef

HEAD, OTHER = CheckedHead(7, "a" * 40), CheckedHead(7, "b" * 40)


async def say(database: Database, number: int, conclusion: str, source: str = "server", head: CheckedHead = HEAD) -> None:
    async with database.write() as connection:
        await head_checks.intend_check(connection, head, 1.0)
        await head_checks.note_created(connection, head, "9", "")
        await head_checks.save_part(connection, head, CheckPart(number, conclusion, f"{conclusion or 'reading'} by {number}", source), 1.0)


async def ends(database: Database, head: CheckedHead = HEAD) -> tuple[str, str, list[int]]:
    async with database.read() as connection:
        shared = await head_checks.read_shared_check(connection, head, 1.0)
    assert shared is not None
    made = combine(0, None, shared.parts, shared.red)
    return made.status, made.conclusion, [part.number for part in shared.parts]


async def opened(database: Database, *numbers: int, head: CheckedHead = HEAD) -> None:
    async with database.write() as connection:
        for number in numbers:
            await set_wanted_head(connection, 7, number, head.sha)


async def test_only_a_verdict_replaces_a_failure(database: Database) -> None:
    await opened(database, 1)
    await say(database, 1, "failure", "verdict")
    for conclusion, source, then in (
        ("skipped", "author", "failure"),
        ("neutral", "server", "failure"),
        ("cancelled", "server", "cancelled"),
        ("skipped", "server", "failure"),
        ("", "server", ""),
        ("neutral", "server", "failure"),
        ("success", "verdict", "success"),
        ("neutral", "server", "neutral"),
    ):
        await say(database, 1, conclusion, source)
        assert (await ends(database))[1] == then, (conclusion, source)


async def test_the_worst_of_the_open_ones_counts(database: Database) -> None:
    await opened(database, 1, 2, 3)
    await say(database, 1, "success", "verdict")
    await say(database, 2, "failure", "verdict")
    await say(database, 3, "skipped", "author")
    assert await ends(database) == ("completed", "failure", [1, 2, 3])
    await say(database, 1, "")
    assert (await ends(database))[0] == "in_progress"
    await say(database, 1, "success", "verdict")
    async with database.write() as connection:
        await close_runs(connection, 7, 2)
        assert await head_checks.leave_check(connection, 7, 2) == [HEAD]
        assert await head_checks.leave_check(connection, 7, 2) == []
    # The author's skip does not hide what failed on this head, even if somebody closed it.
    assert await ends(database) == ("completed", "failure", [1, 3])
    await opened(database, 3, head=OTHER)
    assert await ends(database) == ("completed", "success", [1])
    # Neither a late update of the closed one nor its reopening on another head brings it back.
    await say(database, 2, "cancelled")
    await opened(database, 2, head=OTHER)
    assert (await ends(database))[2] == [1]
    await opened(database, 2)
    assert await ends(database) == ("completed", "cancelled", [1, 2])


async def test_a_draft_counts_and_an_unknown_pull_request_does_not(database: Database) -> None:
    await opened(database, 1, 2)
    await say(database, 1, "failure", "verdict")
    await say(database, 2, "success", "verdict")
    async with database.write() as connection:
        await close_runs(connection, 7, 1)
    assert await ends(database) == ("completed", "failure", [1, 2])
    await say(database, 99, "failure", "verdict")
    assert (await ends(database))[2] == [1, 2]


@pytest.mark.parametrize(
    ("conclusions", "unsaid", "waits", "expected"),
    [
        (("success", "success"), "", False, "success"),
        (("success", "failure"), "", False, "failure"),
        (("success", ""), "neutral", True, ""),
        (("success", ""), "neutral", False, "neutral"),
        (("success", ""), "action_required", False, "action_required"),
        (("failure", ""), "action_required", False, "failure"),
        (("skipped", "success"), "", False, "success"),
        ((), "neutral", False, "neutral"),
    ],
)
def test_a_group_gets_its_worst_conclusion(conclusions: Sequence[str], unsaid: str, waits: bool, expected: str) -> None:
    parts = [CheckPart(number, conclusion, "t") for number, conclusion in enumerate(conclusions, 1)]
    made: Conclusion = combine_group(parts, unsaid=unsaid, waits=waits)
    assert made.conclusion == expected and all(f"#{part.number}" in made.summary for part in parts)


async def test_a_payload_without_installation_gets_the_known_one(database: Database) -> None:
    async with database.write() as connection:
        await know_repository(connection, 42, RepositoryRef(id=7, full_name="acme/shop"))
        for number, repository in enumerate((7, 8)):
            place = RepositoryRef(id=repository, full_name="acme/any")
            job = NoteThread(installation_id=0, repository=place, number=1, thread_id=number, login="ada", resolved=True, guid="g")
            await record_deliveries(connection, [DeliveryWithJobs(f"g{number}", "e", "a", 0, "d", ((f"j{number}", job),))], 1.0, Debounce())
        rows = (await connection.execute(select(sql_table(JobRow).c.id, sql_table(JobRow).c.installation_id))).all()
    assert dict(tuple(row) for row in rows) == {"j0": 42, "j1": 0}


@pytest.mark.parametrize(
    "conclusions", [("success",), ("failure", "success"), ("skipped", "neutral", "action_required"), ("cancelled", "success")]
)
def test_each_part_is_read_from_the_check_that_combines_them(conclusions: Sequence[str]) -> None:
    parts = [CheckPart(number, conclusion, f"of {number} · 1 high") for number, conclusion in enumerate(conclusions, 3)]
    last = parts[-1]
    said = Conclusion("completed", last.title, "- #3: failure · a line of a model", conclusion=last.conclusion)  # type: ignore[arg-type]
    made = combine(last.number, said, parts, ())
    read = [read_part(part.number, made) for part in parts if len(parts) > 1]
    assert [(part.number, part.conclusion, part.title) for part in read] == [
        (part.number, part.conclusion, part.title) for part in parts if len(parts) > 1
    ]


def test_a_check_of_one_pull_request_is_its_part() -> None:
    alone = Conclusion("completed", "Nothing to fix", "All is well.\n- #3: failure · said by a model", conclusion="success")
    assert read_part(3, alone) == CheckPart(3, "success", "Nothing to fix", "verdict")
