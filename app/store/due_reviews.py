"""Which installations wait for a review, and their first due jobs: the cost goes with the number of installations, not of jobs.

The conditions are literals, for partial indexes (migration 0014) are used where the statement itself says what they hold.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import FromClause

from app.store.statements import table
from app.store.tables import JobRow

_JOB = table(JobRow)
# So many installations are compared at once. Where more wait, a part of them is, which begins somewhere else each time.
MOST_INSTALLATIONS = 256
_PART = """
SELECT * FROM (
  SELECT * FROM job WHERE state = 'queued' AND kind = 'review' AND installation_id = {installation} AND run_at <= :now{free}
  AND (lane = '' OR NOT EXISTS (
    SELECT 1 FROM job earlier WHERE earlier.lane <> '' AND earlier.lane = job.lane AND earlier.state IN ('queued', 'running')
    AND (earlier.created_at < job.created_at OR (earlier.created_at = job.created_at AND earlier.turn < job.turn))))
  ORDER BY run_at, id LIMIT {most}
) of_{installation}"""
# So many of an installation's jobs are looked at: more than may run, for some are of one pull request.
_OF_ONE = 6


@dataclass(frozen=True)
class Waiting:
    """An installation with a queued review; `first` is when its first one is due."""

    installation_id: int
    first: float


@dataclass(frozen=True)
class Busy:
    """What keeps reviews of an installation waiting: repositories that are full, pull requests that are under review."""

    repositories: Mapping[int, Collection[int]]
    pulls: Mapping[int, Collection[tuple[int, int]]]

    def free(self, installation_id: int) -> str:
        """The condition that the rest of an installation's reviews meet."""
        full = [f"repository_id <> {int(repository)}" for repository in self.repositories.get(installation_id, ())]
        taken = [f"NOT (repository_id = {int(place)} AND number = {int(number)})" for place, number in self.pulls.get(installation_id, ())]
        return "".join(f" AND {each}" for each in (*full, *taken))


def is_queued_review(job: FromClause) -> ColumnElement[bool]:
    return and_(job.c.state == literal_column("'queued'"), job.c.kind == literal_column("'review'"))


def is_queued_other() -> ColumnElement[bool]:
    """Of the table itself: the second condition is an expression of its index."""
    return and_(_JOB.c.state == literal_column("'queued'"), literal_column("(CASE job.kind WHEN 'review' THEN 1 ELSE 0 END)") == 0)


async def waiting_installations(connection: AsyncConnection, now: float) -> list[Waiting]:
    """The installations of which a review is due, the one that waits longest first."""
    found = await _from(connection, 0)
    if len(found) == MOST_INSTALLATIONS:
        last: int = (await connection.execute(select(func.max(_JOB.c.installation_id)).where(is_queued_review(_JOB)))).scalar() or 0
        # Any number that differs from one claim to the next.
        found = await _from(connection, int(now * 7919) % (last + 1)) or found
    return sorted((each for each in found if each.first <= now), key=lambda each: (each.first, each.installation_id))


async def _from(connection: AsyncConnection, start: int) -> list[Waiting]:
    """Each is found by one step in the index, whatever number of jobs it has."""
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
    parts = [_PART.format(installation=int(each), free=busy.free(each), most=_OF_ONE) for each in installations]
    # As text, for SQLAlchemy takes longer to build a union of so many parts than a database to answer it. All in it are numbers.
    return (await connection.execute(text(" UNION ALL ".join(parts)), {"now": now})).all()
