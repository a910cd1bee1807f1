"""Selects the due jobs that may run now and claims them: fewest running per installation first, within every cap."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, and_, case, literal_column, or_, select, text, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.queue.due_reviews import Busy, first_reviews, is_queued_other, is_queued_review, waiting_installations
from app.store.queue.jobs import FailureRecord, LeasedJob
from app.store.tables.core import JobRow, JobState
from webhooks.jobs import Job

_JOB = sql_table(JobRow)
_BEFORE = _JOB.alias("before")
_ADAPTER: TypeAdapter[Job] = TypeAdapter(Job)
_LOCK = 0x636C61696D  # "claim"; any number that no one else uses
# Installations compared at a time, more than a worker claims at once.
_LOOK_AT = 12
REVIEW = "review"


@dataclass(frozen=True)
class ConcurrencyLimits:
    """How many reviews run at once on all workers together. Other kinds of jobs are small and have no cap."""

    per_installation: int = 2
    per_repository: int = 2
    in_all: int = 50


@dataclass(frozen=True)
class FreeSlots:
    """The free slots of one worker."""

    reviews: int
    others: int


@dataclass(frozen=True)
class Claimant:
    """The claiming worker, the time, the seconds without a heartbeat that end a lease, and how many jobs the worker already holds."""

    owner: str
    now: float
    lease: float
    busy: int = 0


async def anything_due(connection: AsyncConnection, now: float) -> bool:
    """Whether a claim is worth its write transaction."""
    reviews = select(_JOB.c.id).where(is_queued_review(_JOB), _JOB.c.run_at <= now)
    # In the order of the index, which a planner would not use for one row alone.
    reviews = reviews.order_by(_JOB.c.installation_id, _JOB.c.run_at).limit(1)
    others = _others(select(_JOB.c.id), now).order_by(_JOB.c.run_at).limit(1)
    left = select(_JOB.c.id).where(_is_left(now)).limit(1)
    queries = [select(query.subquery()) for query in (left, others, reviews)]
    return (await connection.execute(union_all(*queries).limit(1))).first() is not None


async def claim_due(connection: AsyncConnection, holder: Claimant, caps: ConcurrencyLimits, room: FreeSlots) -> list[LeasedJob]:
    """Claim jobs that are due or whose holder went silent, in one transaction. Two reviews of one pull request never run at once."""
    if connection.dialect.name == "postgresql":
        # Counting and claiming must be one step. SQLite's write transaction already makes them one.
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    left = (await connection.execute(select(_JOB).where(_is_left(holder.now)).order_by(_JOB.c.run_at))).all()
    others = await _due_others(connection, holder.now, [row for row in left if row.kind != REVIEW], room.others)
    reviews = await _due_reviews(connection, holder.now, caps, [row for row in left if row.kind == REVIEW], room.reviews)
    return await _take(connection, (*others, *reviews), holder)


async def _due_others(connection: AsyncConnection, now: float, left: Sequence[Row[Any]], most: int) -> Sequence[Row[Any]]:
    if most <= 0:
        return ()
    query = _others(select(_JOB), now).order_by(_JOB.c.run_at).limit(most)
    queued = (await connection.execute(query)).all()
    return sorted((*left, *queued), key=lambda row: row.run_at)[:most]


async def _due_reviews(
    connection: AsyncConnection, now: float, caps: ConcurrencyLimits, left: Sequence[Row[Any]], most: int
) -> list[Row[Any]]:
    if most <= 0:
        return []
    running = (await connection.execute(_running(now))).all()
    places = _Places(caps, running)
    chosen: list[Row[Any]] = []
    waiting = await waiting_installations(connection, now)
    # Fewest running first, then the longest wait. Take one part at a time, because the first may be enough.
    waiting.sort(key=lambda each: places.load(each.installation_id))
    installations = [each.installation_id for each in waiting if places.load(each.installation_id) < caps.per_installation]
    candidates = list(left)
    most = min(most, caps.in_all - len(running))
    for start in range(0, max(1, len(installations)), _LOOK_AT):
        part = installations[start : start + _LOOK_AT]
        candidates += await first_reviews(connection, part, now, places.busy())
        while candidates and len(chosen) < most:
            row = min(candidates, key=lambda each: (places.load(each.installation_id), each.run_at, each.id))
            following = installations[start + _LOOK_AT : start + _LOOK_AT + 1]
            if following and places.load(row.installation_id) > places.load(following[0]):
                # An installation with fewer running jobs is in the next part.
                break
            candidates.remove(row)
            if places.take(row):
                chosen.append(row)
        if len(chosen) >= most:
            break
    return chosen


class _Places:
    """The running and the selected reviews, against the caps."""

    def __init__(self, caps: ConcurrencyLimits, running: Sequence[Row[Any]]) -> None:
        self._caps = caps
        self._running = running
        self._installations = Counter(row.installation_id for row in running)
        self._repositories = Counter(row.repository_id for row in running)
        self._pulls = {(row.repository_id, row.number) for row in running}

    def load(self, installation_id: int) -> int:
        return self._installations[installation_id]

    def busy(self) -> Busy:
        full: dict[int, set[int]] = {}
        pulls: dict[int, set[tuple[int, int]]] = {}
        for row in self._running:
            pulls.setdefault(row.installation_id, set()).add((row.repository_id, row.number))
            if self._repositories[row.repository_id] >= self._caps.per_repository:
                full.setdefault(row.installation_id, set()).add(row.repository_id)
        return Busy(full, pulls)

    def take(self, row: Row[Any]) -> bool:
        """Give a review a slot. Returns False if there is none."""
        place = (row.repository_id, row.number)
        full = self._installations[row.installation_id] >= self._caps.per_installation
        if full or self._repositories[row.repository_id] >= self._caps.per_repository or place in self._pulls:
            return False
        self._installations[row.installation_id] += 1
        self._repositories[row.repository_id] += 1
        # A re-run of a fork's check run names no pull request yet. The job itself looks it up.
        self._pulls.add(place if row.number else (row.repository_id, -len(self._pulls) - 1))
        return True


def _others(query: Select[Any], now: float) -> Select[Any]:
    """Due jobs other than reviews, found without scanning every queued review."""
    return query.where(is_queued_other(), _may_begin(now))


def _running(now: float) -> Select[tuple[int, int, int]]:
    held = and_(_JOB.c.state == JobState.RUNNING, _JOB.c.kind == REVIEW, _JOB.c.lease_until >= now)
    return select(_JOB.c.installation_id, _JOB.c.repository_id, _JOB.c.number).where(held)


def _may_begin(now: float) -> ColumnElement[bool]:
    """Whether a queued job is due and no earlier command of the same comment precedes it."""
    return and_(_JOB.c.run_at <= now, or_(_JOB.c.lane == "", ~_waits()))


def _is_left(now: float) -> ColumnElement[bool]:
    """Whether the job's holder went silent."""
    return and_(_JOB.c.state == literal_column("'running'"), _JOB.c.lease_until < now)


def _waits() -> ColumnElement[bool]:
    """Whether an earlier command of the same comment is not done yet."""
    earlier = or_(_BEFORE.c.created_at < _JOB.c.created_at, and_(_BEFORE.c.created_at == _JOB.c.created_at, _BEFORE.c.turn < _JOB.c.turn))
    unfinished = _BEFORE.c.state.in_((JobState.QUEUED, JobState.RUNNING))
    # Only the few jobs with a lane are in this index.
    return select(_BEFORE.c.id).where(_BEFORE.c.lane != literal_column("''"), _BEFORE.c.lane == _JOB.c.lane, unfinished, earlier).exists()


async def _take(connection: AsyncConnection, rows: Sequence[Row[Any]], holder: Claimant) -> list[LeasedJob]:
    """Claim in one statement, except jobs that ended or whose lease was extended meanwhile.

    A holder that went silent has crashed. The increased fence turns all its writes into no-ops.
    """
    if not rows:
        return []
    crashed = _JOB.c.state == JobState.RUNNING
    values = {
        "state": JobState.RUNNING,
        "fence": _JOB.c.fence + 1,
        "lease_until": holder.now + holder.lease,
        "owner": holder.owner,
        "crashes": _JOB.c.crashes + case((crashed, 1), else_=0),
        "blame": _JOB.c.blame + case((crashed, 1.0 / _JOB.c.company), else_=0.0),
        "company": holder.busy + len(rows),
    }
    free = or_(_JOB.c.state == JobState.QUEUED, _is_left(holder.now))
    statement = update(_JOB).where(_JOB.c.id.in_([row.id for row in rows]), free).values(values).returning(_JOB)
    taken = {row.id: row for row in await connection.execute(statement)}
    return [_claim(taken[row.id], holder.now) for row in rows if row.id in taken]


def _claim(row: Row[Any], now: float) -> LeasedJob:
    record = FailureRecord(failures=row.failures, crashes=row.crashes, blame=row.blame)
    return LeasedJob(row.id, _ADAPTER.validate_json(row.payload), row.fence, record, row.created_at, row.error, now, row.run_at, row.trace)
