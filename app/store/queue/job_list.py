"""Lists, shows, retries and drops jobs for an operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from pydantic import TypeAdapter
from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.queue.deliveries import insert_jobs
from app.store.reviews.runs import Run
from app.store.tables.core import JobRow, JobState, RunRow, RunState
from webhooks.jobs import Job

_JOB, _RUN = sql_table(JobRow), sql_table(RunRow)
_ADAPTER: TypeAdapter[Job] = TypeAdapter(Job)
KIND_NAMES = frozenset(job.model_fields["kind"].default for job in get_args(get_args(Job)[0]))
UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class JobFacts:
    """A job. Times are seconds since the epoch; `error` is how its last attempt failed."""

    id: str
    kind: str
    state: str
    stage: str
    repository: str
    number: int
    failures: int
    crashes: int
    created_at: float
    run_at: float
    finished_at: float | None
    error: str


async def list_jobs(connection: AsyncConnection, states: Sequence[str], limit: int) -> list[JobFacts]:
    """The newest jobs in these states."""
    query = select(_JOB).where(_JOB.c.state.in_(states)).order_by(_JOB.c.created_at.desc(), _JOB.c.id.desc()).limit(limit)
    return [_facts(row) for row in await connection.execute(query)]


async def jobs_by_id(connection: AsyncConnection, prefix: str) -> list[JobFacts]:
    """Jobs whose id starts or ends with this text. At most two, to tell one from several."""
    query = select(_JOB).where(_JOB.c.id.startswith(prefix) | _JOB.c.id.endswith(prefix)).limit(2)
    return [_facts(row) for row in await connection.execute(query)]


async def reviews_since(connection: AsyncConnection, repository_id: int, head_sha: str, since: float) -> frozenset[int]:
    """The pull requests whose first review of this head was queued since then."""
    earlier = (_RUN.c.repository_id == repository_id, _RUN.c.number == _JOB.c.number, _RUN.c.head_sha == head_sha)
    reviewed = select(_RUN.c.id).where(*earlier, _RUN.c.created_at < since).exists()
    mine = (_JOB.c.kind == "review", _JOB.c.repository_id == repository_id, _JOB.c.key.endswith(f":{head_sha}:auto"))
    query = select(_JOB.c.number).where(*mine, _JOB.c.created_at >= since, ~reviewed)
    return frozenset((await connection.execute(query)).scalars())


async def retry_job(connection: AsyncConnection, job_id: str, now: float) -> bool:
    """Queue an ended job again with its failures reset. Returns False if it is in progress or done, because its effects exist."""
    values = {"state": JobState.QUEUED, "run_at": now, "failures": 0, "crashes": 0, "blame": 0.0, "finished_at": None, "created_at": now}
    again = (JobState.DEAD, JobState.CANCELLED, JobState.SUPERSEDED, JobState.SKIPPED)
    result = await connection.execute(update(_JOB).where(_JOB.c.id == job_id, _JOB.c.state.in_(again)).values(values))
    # A job that is waiting to be due counts too: somebody wants it now.
    waiting = await connection.execute(update(_JOB).where(_JOB.c.id == job_id, _JOB.c.state == JobState.QUEUED).values(run_at=now))
    return bool(result.rowcount or waiting.rowcount)


async def repeat_job(connection: AsyncConnection, key: str, now: float) -> bool:
    """Queue an ended job again, even a done one, whose effect is overwritten. False if none has this key or it has not ended."""
    values = {"state": JobState.QUEUED, "run_at": now, "failures": 0, "crashes": 0, "blame": 0.0, "finished_at": None, "created_at": now}
    result = await connection.execute(update(_JOB).where(_JOB.c.key == key, _JOB.c.state.not_in(UNDER_WAY)).values(values))
    return bool(result.rowcount)


async def retry_dead(connection: AsyncConnection, now: float, kind: str = "", since: float = 0.0) -> int:
    """Queue every job again that was given up after `since`, with its failures reset. Returns how many."""
    where = [_JOB.c.state == JobState.DEAD, _JOB.c.finished_at >= since, *([_JOB.c.kind == kind] if kind else [])]
    values = {"state": JobState.QUEUED, "run_at": now, "failures": 0, "crashes": 0, "blame": 0.0, "finished_at": None, "created_at": now}
    return int((await connection.execute(update(_JOB).where(*where).values(values))).rowcount)


async def revive_job(connection: AsyncConnection, dead: Run, now: float) -> bool:
    """Resume a failed run with the answers already paid for. Returns False if there are none, or the job is gone."""
    return bool(dead.state is RunState.DEAD and dead.snapshot and not dead.lost) and await retry_job(connection, dead.job_id, now)


async def queue_again(connection: AsyncConnection, jobs: Sequence[tuple[str, Job]], now: float) -> int:
    """Queue jobs as `retry` does if their key is known, otherwise as new. Jobs in progress or done stay unchanged."""
    queued = await insert_jobs(connection, [(job_id, job, now) for job_id, job in jobs], now)
    given_up = select(_JOB.c.id).where(_JOB.c.key.in_([job.key for _, job in jobs]), _JOB.c.state == JobState.DEAD)
    dead = list((await connection.execute(given_up)).scalars())
    for job_id in dead:
        await retry_job(connection, job_id, now)
    return len(queued) + len(dead)


async def drop_job(connection: AsyncConnection, job_id: str, now: float) -> bool:
    """Cancel a job. Its worker loses the lease. Returns False if it had ended."""
    values = {"state": JobState.CANCELLED, "finished_at": now, "lease_until": 0.0, "error": "canceled by an operator"}
    result = await connection.execute(update(_JOB).where(_JOB.c.id == job_id, _JOB.c.state.in_(UNDER_WAY)).values(values))
    going = _RUN.c.state.not_in([state for state in RunState if state.ended])
    ended = {"state": RunState.CANCELLED, "reason": "canceled by an operator", "updated_at": now}
    await connection.execute(update(_RUN).where(_RUN.c.job_id == job_id, going).values(ended))
    return bool(result.rowcount)


def _facts(row: Row[tuple[object, ...]]) -> JobFacts:
    job = _ADAPTER.validate_json(row.payload)
    place = getattr(job, "repository", None)
    return JobFacts(
        id=row.id,
        kind=row.kind,
        state=row.state,
        stage=row.stage,
        repository=place.full_name if place else "",
        number=row.number,
        failures=row.failures,
        crashes=row.crashes,
        created_at=row.created_at,
        run_at=row.run_at,
        finished_at=row.finished_at,
        error=row.error,
    )
