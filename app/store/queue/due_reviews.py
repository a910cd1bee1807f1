"""Finds the installations that wait for a review, and their first due jobs. The cost depends on the installations, not the jobs.

The conditions are literals, because partial indexes (migration 0014) are only used if the statement itself contains their condition.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import FromClause

from app.store.engine.upsert import sql_table
from app.store.tables.core import JobRow

_JOB = sql_table(JobRow)
# Installations compared at once. If more wait, a part of them is, and the part begins somewhere else each time.
MOST_INSTALLATIONS = 256
_PART = """
SELECT * FROM (
  SELECT * FROM job WHERE state = 'queued' AND kind = 'review' AND installation_id = {installation} AND run_at <= :now{free}
  AND (lane = '' OR NOT EXISTS (
    SELECT 1 FROM job earlier WHERE earlier.lane <> '' AND earlier.lane = job.lane AND earlier.state IN ('queued', 'running')
    AND (earlier.created_at < job.created_at OR (earlier.created_at = job.created_at AND earlier.turn < job.turn))))
  ORDER BY run_at, id LIMIT {most}
) of_{installation}"""
# Jobs looked at per installation. More than may run, because some are of one pull request.
_OF_ONE = 6


@dataclass(frozen=True)
class Waiting:
    """An installation with a queued review. `first` is when its first one is due."""

    installation_id: int
    first: float


@dataclass(frozen=True)
class Busy:
    """What keeps reviews of an installation waiting: repositories at their cap, and pull requests under review."""

    repositories: Mapping[int, Collection[int]]
    pulls: Mapping[int, Collection[tuple[int, int]]]

    def free(self, installation_id: int) -> str:
        """The condition that excludes an installation's busy repositories and pull requests."""
        full = [f"repository_id <> {int(repository)}" for repository in self.repositories.get(installation_id, ())]
        taken = [f"NOT (repository_id = {int(place)} AND number = {int(number)})" for place, number in self.pulls.get(installation_id, ())]
        return "".join(f" AND {each}" for each in (*full, *taken))


def is_queued_review(job: FromClause) -> ColumnElement[bool]:
    return and_(job.c.state == literal_column("'queued'"), job.c.kind == literal_column("'review'"))


def is_queued_other() -> ColumnElement[bool]:
    """For the table itself only: the second condition is an expression of its index."""
    return and_(_JOB.c.state == literal_column("'queued'"), literal_column("(CASE job.kind WHEN 'review' THEN 1 ELSE 0 END)") == 0)


async def waiting_installations(connection: AsyncConnection, now: float) -> list[Waiting]:
    """The installations with a due review, the longest wait first."""
    found = await _from(connection, 0)
    if len(found) == MOST_INSTALLATIONS:
        last: int = (await connection.execute(select(func.max(_JOB.c.installation_id)).where(is_queued_review(_JOB)))).scalar() or 0
        # Any number that differs from one claim to the next.
        found = await _from(connection, int(now * 7919) % (last + 1)) or found
    return sorted((waiting for waiting in found if waiting.first <= now), key=lambda each: (each.first, each.installation_id))


async def _from(connection: AsyncConnection, start: int) -> list[Waiting]:
    """Finds each installation with one step in the index, however many jobs it has."""
    job, of_one = _JOB.alias("next"), _JOB.alias("of_one")
    first = select(func.min(_JOB.c.installation_id).label("id")).where(is_queued_review(_JOB), _JOB.c.installation_id >= start)
    waiting = first.cte("waiting", recursive=True)
    following = select(func.min(job.c.installation_id)).where(is_queued_review(job), job.c.installation_id > waiting.c.id)
    waiting = waiting.union_all(select(following.scalar_subquery()).where(waiting.c.id.is_not(None)))
    due = select(func.min(of_one.c.run_at)).where(is_queued_review(of_one), of_one.c.installation_id == waiting.c.id)
    query = select(waiting.c.id, due.scalar_subquery().label("first")).where(waiting.c.id.is_not(None)).limit(MOST_INSTALLATIONS)
    return [Waiting(row.id, row.first) for row in await connection.execute(query)]


async def first_reviews(connection: AsyncConnection, installations: Sequence[int], now: float, busy: Busy) -> Sequence[Row[Any]]:
    """The first due reviews of each of these installations, without those that a running one keeps waiting."""
    if not installations:
        return ()
    parts = [_PART.format(installation=int(installation), free=busy.free(installation), most=_OF_ONE) for installation in installations]
    # As text, because SQLAlchemy takes longer to build so large a union than a database to answer it. It holds only numbers.
    return (await connection.execute(text(" UNION ALL ".join(parts)), {"now": now})).all()
