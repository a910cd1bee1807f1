"""Stores why checks failed: one row per check and run, apart from snapshots, which are large and deleted early."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or
from app.store.tables.pages import RedCheckRow
from reviewers.context.ci_log.cause import cause_of
from reviewers.context.snapshot import FailingCheck

_LONGEST = 200


async def save_red_checks(connection: AsyncConnection, run_id: str, repository_id: int, checks: Sequence[FailingCheck], now: float) -> None:
    """Keep what is known of the red checks of a run; a later reading of a check stands."""
    rows = {
        check.name[:_LONGEST]: {
            "run_id": run_id,
            "name": check.name[:_LONGEST],
            "repository_id": repository_id,
            "cause": cause_of(check.excerpt or check.lines),
            "red_before": check.red_before,
            "at": now,
        }
        for check in checks
    }
    if rows:
        statement = insert_or(RedCheckRow, connection.dialect.name)
        changed = {name: statement.excluded[name] for name in ("cause", "red_before")}
        await connection.execute(statement.on_conflict_do_update(index_elements=["run_id", "name"], set_=changed), list(rows.values()))
