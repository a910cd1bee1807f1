"""Claims among many jobs: fair whatever parts are compared, and along their indexes."""

from collections import Counter
from collections.abc import Callable

from sqlalchemy import event, text

from app.store.engine.database import Database
from app.store.queue.claims import Claimant, ConcurrencyLimits, FreeSlots, anything_due, claim_due
from app.store.queue.deliveries import insert_jobs
from app.store.queue.due_reviews import MOST_INSTALLATIONS
from webhooks.jobs import RepositoryRef, ReviewPullRequest


def review(installation: int, number: int) -> ReviewPullRequest:
    services = RepositoryRef(id=installation, full_name=f"acme/r{installation}")
    return ReviewPullRequest(
        installation_id=installation, repository=services, number=number, head_sha=f"{number:x}", comment_id=0, login=""
    )


async def fill(database: Database, new_id: Callable[[], str], jobs: list[tuple[ReviewPullRequest, float]]) -> None:
    async with database.write() as connection:
        await insert_jobs(connection, [(new_id(), job, due) for job, due in jobs], 0.0)


async def test_every_installation_gets_one_before_any_gets_two(database: Database, new_id: Callable[[], str]) -> None:
    """More installations than are compared at once, and one with many older jobs."""
    crowd = [(review(1, number), 0.0) for number in range(1, 200)]
    await fill(database, new_id, [*crowd, *((review(installation, 1), float(installation)) for installation in range(2, 41))])
    seen: Counter[int] = Counter()
    for _ in range(4):
        async with database.write() as connection:
            claims = await claim_due(connection, Claimant("w", 100.0, 15.0), ConcurrencyLimits(), FreeSlots(10, 10))
        seen.update(claim.job.installation_id for claim in claims)
    assert sum(seen.values()) == 40 and set(seen.values()) == {1}


async def test_each_of_many_waiting_installations_gets_its_turn(database: Database, new_id: Callable[[], str]) -> None:
    most = MOST_INSTALLATIONS + 60
    await fill(database, new_id, [(review(installation, 1), 0.0) for installation in range(1, most + 1)])
    seen: set[int] = set()
    for turn in range(most):
        async with database.write() as connection:
            # Leases that ended long ago would be claimed again: these end with the test.
            claims = await claim_due(connection, Claimant("w", 100.0 + turn, 1e6), ConcurrencyLimits(in_all=10_000), FreeSlots(10, 10))
        seen.update(claim.job.installation_id for claim in claims)
        if len(seen) == most:
            break
    assert len(seen) == most


async def test_a_claim_uses_its_indexes(database: Database, new_id: Callable[[], str]) -> None:
    """No statement of a claim scans the whole table of jobs, whatever it contains."""
    await fill(database, new_id, [(review(installation % 9, number), 0.0) for number in range(1, 2_000) for installation in (number,)])
    statements: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            statements.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    async with database.write() as connection:
        await connection.execute(text("ANALYZE"))
        assert await anything_due(connection, 1.0)
        assert await claim_due(connection, Claimant("w", 1.0, 15.0), ConcurrencyLimits(), FreeSlots(10, 10))
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plans = []
        for statement, parameters in statements:
            if "job" in statement:
                rows = await connection.exec_driver_sql(explain + statement, parameters)  # type: ignore[call-overload]
                plans += [(statement, " ".join(map(str, row))) for row in rows]
    assert len(plans) > 5
    # Nor are all queued reviews scanned to find other jobs.
    assert any("ix_job_other_due" in plan[1] for plan in plans)
    assert [
        plan
        for plan in plans
        if plan[1].endswith(("SCAN job", "SCAN before", "SCAN earlier")) or "Seq Scan on job" in plan[1] or "SCAN next" in plan[1]
    ] == []


async def test_a_claim_knows_how_long_its_job_waited(database: Database, new_id: Callable[[], str]) -> None:
    await fill(database, new_id, [(review(1, 1), 70.0)])
    async with database.write() as connection:
        (claim,) = await claim_due(connection, Claimant("w", 100.0, 15.0), ConcurrencyLimits(), FreeSlots(10, 10))
    assert (claim.due, claim.begun, claim.since) == (70.0, 100.0, 0.0)
