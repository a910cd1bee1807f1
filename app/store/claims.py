"""Which due jobs may run now, and who takes them: fewest running per installation first, within every cap."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.jobs import Claim, Sheet
from app.store.statements import table
from app.store.tables import JobRow, JobState
from webhooks.jobs import Job

_JOB = table(JobRow)
_BEFORE = _JOB.alias("before")
_ADAPTER: TypeAdapter[Job] = TypeAdapter(Job)
_LOCK = 0x636C61696D  # "claim"; any number no one else uses
_LOOK_AT = 200
REVIEW = "review"


@dataclass(frozen=True)
class Caps:
    """How many reviews run at once, whatever the number of workers; other job kinds are small and not capped."""

    per_installation: int = 2
    per_repository: int = 2
    in_all: int = 50


@dataclass(frozen=True)
class Room:
    """What one worker can still take."""

    reviews: int
    others: int


@dataclass(frozen=True)
class Holder:
    """Who claims, when, for how many seconds without a heartbeat, and beside how many jobs it has already."""

    owner: str
    now: float
    lease: float
    busy: int = 0


async def anything_due(connection: AsyncConnection, now: float) -> bool:
    """Whether a claim is worth its write transaction."""
    return (await connection.execute(select(_JOB.c.id).where(_claimable(now)).limit(1))).first() is not None


async def claim_due(connection: AsyncConnection, holder: Holder, caps: Caps, room: Room) -> list[Claim]:
    """Take what is due, or whose holder went silent, in one transaction; two reviews of one pull request never run at once."""
    if connection.dialect.name == "postgresql":
        # Counting and taking must be one step; SQLite's write transaction already makes them one.
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    others = await _due(connection, holder.now, _JOB.c.kind != REVIEW, room.others)
    rows = (*others, *await _due_reviews(connection, holder.now, caps, room.reviews))
    return [await _take(connection, row, holder, holder.busy + len(rows)) for row in rows]


async def _due(connection: AsyncConnection, now: float, which: ColumnElement[bool], most: int) -> Sequence[Row[tuple[object, ...]]]:
    if most <= 0:
        return ()
    query = select(_JOB).where(_claimable(now), which).order_by(_JOB.c.run_at).limit(most).with_for_update(skip_locked=True)
    return (await connection.execute(query)).all()


async def _due_reviews(connection: AsyncConnection, now: float, caps: Caps, most: int) -> list[Row[tuple[object, ...]]]:
    running = (await connection.execute(_running(now))).all()
    busy = Counter(row.installation_id for row in running)
    repositories = Counter(row.repository_id for row in running)
    pulls = {(row.repository_id, row.number) for row in running}
    chosen: list[Row[tuple[object, ...]]] = []
    waiting = list((await connection.execute(_waiting(now, caps))).all()) if most > 0 else []
    while waiting and len(chosen) < most and len(running) + len(chosen) < caps.in_all:
        row = min(waiting, key=lambda each: (busy[each.installation_id], each.run_at, each.id))
        waiting.remove(row)
        place = (row.repository_id, row.number)
        if busy[row.installation_id] >= caps.per_installation or repositories[row.repository_id] >= caps.per_repository or place in pulls:
            continue
        chosen.append(row)
        busy[row.installation_id] += 1
        repositories[row.repository_id] += 1
        # A re-run of a fork's check run names no pull request yet; it is looked up by the job itself.
        pulls.add(place if row.number else (row.repository_id, -len(pulls) - 1))
    return chosen


def _running(now: float) -> Select[tuple[int, int, int]]:
    held = and_(_JOB.c.state == JobState.RUNNING, _JOB.c.kind == REVIEW, _JOB.c.lease_until >= now)
    return select(_JOB.c.installation_id, _JOB.c.repository_id, _JOB.c.number).where(held)


def _waiting(now: float, caps: Caps) -> Select[Any]:
    """Due reviews of installations and repositories with room: a crowd behind a full cap must not hide the others."""
    held = _running(now).subquery()
    crowded = select(held.c.installation_id).group_by(held.c.installation_id).having(func.count() >= caps.per_installation)
    full = select(held.c.repository_id).group_by(held.c.repository_id).having(func.count() >= caps.per_repository)
    load = select(held.c.installation_id, func.count().label("running")).group_by(held.c.installation_id).subquery()
    rank = func.row_number().over(partition_by=_JOB.c.installation_id, order_by=_JOB.c.run_at).label("rank")
    due = (
        select(_JOB, rank)
        .where(_claimable(now), _JOB.c.kind == REVIEW)
        .where(_JOB.c.installation_id.not_in(crowded), _JOB.c.repository_id.not_in(full))
        .subquery()
    )
    return (
        select(due)
        .join(load, load.c.installation_id == due.c.installation_id, isouter=True)
        .order_by(func.coalesce(load.c.running, 0), due.c.rank, due.c.run_at)
        .limit(_LOOK_AT)
    )


def _claimable(now: float) -> ColumnElement[bool]:
    queued = and_(_JOB.c.state == JobState.QUEUED, _JOB.c.run_at <= now, or_(_JOB.c.lane == "", ~_waits()))
    return or_(queued, and_(_JOB.c.state == JobState.RUNNING, _JOB.c.lease_until < now))


def _waits() -> ColumnElement[bool]:
    """Whether an earlier command of the same comment is not done yet."""
    earlier = or_(_BEFORE.c.created_at < _JOB.c.created_at, and_(_BEFORE.c.created_at == _JOB.c.created_at, _BEFORE.c.turn < _JOB.c.turn))
    unfinished = _BEFORE.c.state.in_((JobState.QUEUED, JobState.RUNNING))
    return select(_BEFORE.c.id).where(_BEFORE.c.lane == _JOB.c.lane, unfinished, earlier).exists()


async def _take(connection: AsyncConnection, row: Row[tuple[object, ...]], holder: Holder, company: int) -> Claim:
    """A holder that went silent crashed; the growing fence makes every write of it void."""
    crashed = row.state == JobState.RUNNING
    crashes, blame = row.crashes + crashed, row.blame + (1.0 / row.company if crashed else 0.0)
    values = {
        "state": JobState.RUNNING,
        "fence": row.fence + 1,
        "lease_until": holder.now + holder.lease,
        "owner": holder.owner,
        "crashes": crashes,
        "blame": blame,
        "company": company,
    }
    await connection.execute(update(_JOB).where(_JOB.c.id == row.id).values(values))
    sheet = Sheet(failures=row.failures, crashes=crashes, blame=blame)
    return Claim(row.id, _ADAPTER.validate_json(row.payload), row.fence + 1, sheet, row.created_at, row.error)
