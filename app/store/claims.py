"""Which due jobs may run now, and who takes them: fewest running per installation first, within every cap."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, and_, case, literal_column, or_, select, text, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.due_reviews import Busy, first_reviews, is_queued_other, is_queued_review, waiting_installations
from app.store.jobs import Claim, Sheet
from app.store.statements import table
from app.store.tables import JobRow, JobState
from webhooks.jobs import Job

_JOB = table(JobRow)
_BEFORE = _JOB.alias("before")
_ADAPTER: TypeAdapter[Job] = TypeAdapter(Job)
_LOCK = 0x636C61696D  # "claim"; any number no one else uses
# Installations that are looked at together: more than a worker takes at once.
_LOOK_AT = 12
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
    reviews = select(_JOB.c.id).where(is_queued_review(_JOB), _JOB.c.run_at <= now)
    # In the order of its index, which a planner would not take for one row alone.
    reviews = reviews.order_by(_JOB.c.installation_id, _JOB.c.run_at).limit(1)
    others = _others(select(_JOB.c.id), now).order_by(_JOB.c.run_at).limit(1)
    left = select(_JOB.c.id).where(_is_left(now)).limit(1)
    queries = [select(query.subquery()) for query in (left, others, reviews)]
    return (await connection.execute(union_all(*queries).limit(1))).first() is not None


async def claim_due(connection: AsyncConnection, holder: Holder, caps: Caps, room: Room) -> list[Claim]:
    """Take what is due, or whose holder went silent, in one transaction; two reviews of one pull request never run at once."""
    if connection.dialect.name == "postgresql":
        # Counting and taking must be one step; SQLite's write transaction already makes them one.
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


async def _due_reviews(connection: AsyncConnection, now: float, caps: Caps, left: Sequence[Row[Any]], most: int) -> list[Row[Any]]:
    if most <= 0:
        return []
    running = (await connection.execute(_running(now))).all()
    places = _Places(caps, running)
    chosen: list[Row[Any]] = []
    waiting = await waiting_installations(connection, now)
    # Fewest running first, then who waits longest; a part at a time, for the first may be enough.
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
                # Somebody with fewer running is in the next part.
                break
            candidates.remove(row)
            if places.take(row):
                chosen.append(row)
        if len(chosen) >= most:
            break
    return chosen


class _Places:
    """The reviews that run, and those that are chosen, against the caps."""

    def __init__(self, caps: Caps, running: Sequence[Row[Any]]) -> None:
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
        """Give a review its place; False where there is none."""
        place = (row.repository_id, row.number)
        full = self._installations[row.installation_id] >= self._caps.per_installation
        if full or self._repositories[row.repository_id] >= self._caps.per_repository or place in self._pulls:
            return False
        self._installations[row.installation_id] += 1
        self._repositories[row.repository_id] += 1
        # A re-run of a fork's check run names no pull request yet; it is looked up by the job itself.
        self._pulls.add(place if row.number else (row.repository_id, -len(self._pulls) - 1))
        return True


def _others(query: Select[Any], now: float) -> Select[Any]:
    """Due jobs that are no reviews, found without walking past every queued review."""
    return query.where(is_queued_other(), _may_begin(now))


def _running(now: float) -> Select[tuple[int, int, int]]:
    held = and_(_JOB.c.state == JobState.RUNNING, _JOB.c.kind == REVIEW, _JOB.c.lease_until >= now)
    return select(_JOB.c.installation_id, _JOB.c.repository_id, _JOB.c.number).where(held)


def _may_begin(now: float) -> ColumnElement[bool]:
    """Whether a queued job's time has come, and no earlier command of the same comment is before it."""
    return and_(_JOB.c.run_at <= now, or_(_JOB.c.lane == "", ~_waits()))


def _is_left(now: float) -> ColumnElement[bool]:
    """Whether a job's holder went silent."""
    return and_(_JOB.c.state == literal_column("'running'"), _JOB.c.lease_until < now)


def _waits() -> ColumnElement[bool]:
    """Whether an earlier command of the same comment is not done yet."""
    earlier = or_(_BEFORE.c.created_at < _JOB.c.created_at, and_(_BEFORE.c.created_at == _JOB.c.created_at, _BEFORE.c.turn < _JOB.c.turn))
    unfinished = _BEFORE.c.state.in_((JobState.QUEUED, JobState.RUNNING))
    # Of the few jobs that have a lane there is an index alone.
    return select(_BEFORE.c.id).where(_BEFORE.c.lane != literal_column("''"), _BEFORE.c.lane == _JOB.c.lane, unfinished, earlier).exists()


async def _take(connection: AsyncConnection, rows: Sequence[Row[Any]], holder: Holder) -> list[Claim]:
    """All in one statement; none that somebody ended or prolonged meanwhile.

    A holder that went silent crashed; the growing fence makes every write of it void.
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


def _claim(row: Row[Any], now: float) -> Claim:
    sheet = Sheet(failures=row.failures, crashes=row.crashes, blame=row.blame)
    return Claim(row.id, _ADAPTER.validate_json(row.payload), row.fence, sheet, row.created_at, row.error, now, row.run_at, row.trace)
