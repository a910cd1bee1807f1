"""Stores deliveries and their jobs, many in one commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Row, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_all, insert_or, sql_table
from app.store.tables.core import DeliveryRow, JobRow, JobState, PullRequestRow, RepositoryRow
from webhooks.job_base import FromComment
from webhooks.jobs import Job, ReviewPullRequest

_JOB, _DELIVERY, _PULL, _REPOSITORY = sql_table(JobRow), sql_table(DeliveryRow), sql_table(PullRequestRow), sql_table(RepositoryRow)
REPEATABLE = (JobState.CANCELLED, JobState.SKIPPED, JobState.SUPERSEDED)
# The review of a head ends once, but the head may become current again: by a force-push back, or a reopened pull request.
_REVIEWED = (JobState.DONE, JobState.DEAD)


@dataclass(frozen=True)
class DeliveryWithJobs:
    """A delivery to be stored. The caller creates the job ids. `trace` is the W3C traceparent of its receipt, or ""."""

    guid: str
    event: str
    action: str
    installation_id: int
    digest: str
    jobs: tuple[tuple[str, Job], ...]
    state: str = "recorded"
    trace: str = ""


@dataclass(frozen=True)
class Debounce:
    """Seconds without another push before a review starts, and the longest wait since the first push of a series."""

    quiet: float = 10.0
    most: float = 60.0


@dataclass(frozen=True)
class RecordResult:
    """`known` are GUIDs that were stored before, with the same body. `due` maps the jobs to run to their times."""

    known: frozenset[str]
    due: dict[str, float]


async def record_deliveries(
    connection: AsyncConnection, arrivals: Sequence[DeliveryWithJobs], now: float, debounce: Debounce
) -> RecordResult:
    """Insert what is new. Job keys deduplicate, because the GUID header is not signed. A cancelled or skipped job is queued again.

    A finished or failed review of a head is queued again too. It asks GitHub whether that head is current again.
    """
    arrivals = await _with_installations(connection, arrivals)
    new = await _insert_deliveries(connection, arrivals, now)
    known = await _same_bodies(connection, [arrival for arrival in arrivals if arrival.guid not in new])
    jobs = {job.key: (job_id, job) for arrival in arrivals if arrival.guid not in known for job_id, job in arrival.jobs}
    plans = await _plan(connection, [job for _, job in jobs.values() if isinstance(job, ReviewPullRequest)], now, debounce)
    due = [(job_id, job, plans[key].run_at if key in plans else now) for key, (job_id, job) in sorted(jobs.items())]
    reviewed = await _reviewed(connection, list(plans))
    traces = {job_id: arrival.trace for arrival in arrivals for job_id, _ in arrival.jobs}
    queued = await _upsert(connection, due, now, traces)
    await _want(connection, [plans[row.key] for row in queued if row.key in plans and row.key not in reviewed])
    return RecordResult(frozenset(known), {row.id: row.run_at for row in queued})


async def _with_installations(connection: AsyncConnection, arrivals: Sequence[DeliveryWithJobs]) -> Sequence[DeliveryWithJobs]:
    """The deliveries with an installation: a payload that names none gets the known installation of its repository."""
    nameless = {
        place.id
        for arrival in arrivals
        for _, job in arrival.jobs
        if not job.installation_id and (place := getattr(job, "repository", None)) is not None
    }
    if not nameless:
        return arrivals
    query = select(_REPOSITORY.c.id, _REPOSITORY.c.installation_id).where(_REPOSITORY.c.id.in_(nameless), _REPOSITORY.c.removed.is_(False))
    known = {row.id: row.installation_id for row in await connection.execute(query)}

    def named(job: Job) -> Job:
        repository = getattr(job, "repository", None)
        found = known.get(repository.id, 0) if repository and not job.installation_id else 0
        return job.model_copy(update={"installation_id": found}) if found else job

    return [replace(arrival, jobs=tuple((job_id, named(job)) for job_id, job in arrival.jobs)) for arrival in arrivals]


async def insert_jobs(connection: AsyncConnection, jobs: Sequence[tuple[str, Job, float]], now: float) -> dict[str, float]:
    """Queue jobs at their times, except those whose key is already in progress or done. Returns what was queued."""
    return {row.id: row.run_at for row in await _upsert(connection, jobs, now, {})}


async def _upsert(
    connection: AsyncConnection, jobs: Sequence[tuple[str, Job, float]], now: float, traces: Mapping[str, str]
) -> Sequence[Row[tuple[str, str, float]]]:
    if not jobs:
        return ()
    statement = insert_or(JobRow, connection.dialect.name)
    # Only `excluded` columns and literals: with a bound value here, SQLAlchemy would send the rows one by one.
    reset = ("state", "run_at", "payload", "created_at", "failures", "crashes", "blame", "finished_at", "error", "trace")
    reviewed = f"job.kind = 'review' AND job.key LIKE '%\\:auto' AND job.state IN ({_quoted(_REVIEWED)})"
    again = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={name: statement.excluded[name] for name in reset},
        where=text(f"job.state IN ({_quoted(REPEATABLE)}) OR ({reviewed})"),
    ).returning(_JOB.c.id, _JOB.c.key, _JOB.c.run_at)
    values = [_job_values(job_id, job, run_at, now) | {"trace": traces.get(job_id, "")} for job_id, job, run_at in jobs]
    return (await insert_all(connection, again, values)).all()


def _quoted(states: Sequence[JobState]) -> str:
    return ", ".join(repr(state.value) for state in states)


async def _reviewed(connection: AsyncConnection, keys: Sequence[str]) -> frozenset[str]:
    """The job keys whose review ended before."""
    query = select(_JOB.c.key).where(_JOB.c.key.in_(keys), _JOB.c.state.in_(_REVIEWED))
    return frozenset((await connection.execute(query)).scalars()) if keys else frozenset()


def _job_values(job_id: str, job: Job, run_at: float, now: float) -> dict[str, object]:
    repository = getattr(job, "repository", None)
    return {
        "id": job_id,
        "key": job.key,
        "kind": job.kind,
        "payload": job.model_dump_json(),
        "installation_id": job.installation_id,
        "repository_id": repository.id if repository else 0,
        "number": getattr(job, "number", 0),
        "state": JobState.QUEUED,
        "stage": "",
        "run_at": run_at,
        "created_at": now,
        "finished_at": None,
        "failures": 0,
        "crashes": 0,
        "company": 1,
        "blame": 0.0,
        "fence": 0,
        "lease_until": 0.0,
        "owner": "",
        "error": "",
        "lane": job.lane if isinstance(job, FromComment) else "",
        "turn": job.turn if isinstance(job, FromComment) else 0,
    }


async def _insert_deliveries(connection: AsyncConnection, arrivals: Sequence[DeliveryWithJobs], now: float) -> set[str]:
    values = {
        arrival.guid: {
            "guid": arrival.guid,
            "event": arrival.event,
            "action": arrival.action,
            "installation_id": arrival.installation_id,
            "digest": arrival.digest,
            "state": arrival.state,
            "jobs": len(arrival.jobs),
            "received_at": now,
        }
        for arrival in arrivals
    }
    statement = insert_or(DeliveryRow, connection.dialect.name).on_conflict_do_nothing().returning(_DELIVERY.c.guid)
    rows = await insert_all(connection, statement, [values[guid] for guid in sorted(values)])
    return {row.guid for row in rows}


async def _same_bodies(connection: AsyncConnection, arrivals: Sequence[DeliveryWithJobs]) -> set[str]:
    if not arrivals:
        return set()
    query = select(_DELIVERY.c.guid, _DELIVERY.c.digest).where(_DELIVERY.c.guid.in_([arrival.guid for arrival in arrivals]))
    digests = {row.guid: row.digest for row in await connection.execute(query)}
    return {arrival.guid for arrival in arrivals if digests.get(arrival.guid) == arrival.digest}


@dataclass(frozen=True)
class _Plan:
    """When the review of a newly named head is due."""

    job: ReviewPullRequest
    run_at: float
    pushed_since: float | None


async def _plan(connection: AsyncConnection, jobs: Sequence[ReviewPullRequest], now: float, debounce: Debounce) -> dict[str, _Plan]:
    """The due times by job key: at once, or when a series of pushes has ended. Of several heads in one batch, the last one counts."""
    heads = {(job.repository.id, job.number): job for job in jobs if job.head_sha and job.number}
    if not heads:
        return {}
    query = select(_PULL).where(tuple_(_PULL.c.repository_id, _PULL.c.number).in_(list(heads)))
    rows = {(row.repository_id, row.number): row for row in await connection.execute(query)}
    plans = {}
    for place, job in heads.items():
        since = _pushed_since(rows.get(place), job, now, debounce)
        run_at = now if since is None else min(now + debounce.quiet, since + debounce.most)
        plans[job.key] = _Plan(job, run_at, since)
    return plans


async def _want(connection: AsyncConnection, plans: Sequence[_Plan]) -> None:
    """Record the current heads of the queued reviews. A late delivery about a reviewed head must not stop a newer one."""
    if not plans:
        return
    values = [
        {
            "repository_id": plan.job.repository.id,
            "number": plan.job.number,
            "head_sha": "",
            "wanted_sha": plan.job.head_sha,
            "open": True,
            "pushed_since": plan.pushed_since,
        }
        for plan in sorted(plans, key=lambda each: (each.job.repository.id, each.job.number))
    ]
    statement = insert_or(PullRequestRow, connection.dialect.name)
    update = {"wanted_sha": statement.excluded.wanted_sha, "pushed_since": statement.excluded.pushed_since, "open": statement.excluded.open}
    await insert_all(connection, statement.on_conflict_do_update(index_elements=["repository_id", "number"], set_=update), values)


def _pushed_since(row: Row[tuple[object, ...]] | None, job: ReviewPullRequest, now: float, debounce: Debounce) -> float | None:
    if not job.pushed:
        return None
    since: float | None = row.pushed_since if row is not None else None
    return now if since is None or now - since > debounce.most else since
