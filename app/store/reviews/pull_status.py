"""The state of a pull request's review, and why there is none."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.tables.core import JobRow, JobState, PullRequestRow, RepositoryRow, RunRow, RunState

_JOB, _PULL, _REPOSITORY, _RUN = sql_table(JobRow), sql_table(PullRequestRow), sql_table(RepositoryRow), sql_table(RunRow)
SKIPPED = "skipped: "


class Stage(StrEnum):
    """How far the review has come."""

    UNKNOWN = "unknown"
    QUEUED = "queued"
    UNDER_REVIEW = "under review"
    REVIEWED = "reviewed"
    INCOMPLETE = "incomplete"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens automatically."""
        return self not in {Stage.QUEUED, Stage.UNDER_REVIEW}


@dataclass(frozen=True)
class PullStatus:
    """`head_sha` is the head in question, "" if none is known; `reason` is in words, or "".

    `headline` is the verdict's, `run` the run's id, `since` when the stage began, in seconds since the epoch.
    """

    stage: Stage
    head_sha: str = ""
    reason: str = ""
    headline: str = ""
    run: str = ""
    since: float = 0.0


_STAGES = {
    RunState.PUBLISHED: Stage.REVIEWED,
    RunState.INCOMPLETE: Stage.INCOMPLETE,
    RunState.DEAD: Stage.FAILED,
    RunState.CANCELLED: Stage.STOPPED,
    RunState.SUPERSEDED: Stage.STOPPED,
}


async def repository_named(connection: AsyncConnection, full_name: str) -> int:
    """The id of a known repository, 0 for none. Names are compared without case, as GitHub does."""
    rows = (await connection.execute(select(_REPOSITORY.c.id, _REPOSITORY.c.full_name).where(_REPOSITORY.c.removed.is_(False)))).all()
    return next((row.id for row in rows if row.full_name.lower() == full_name.lower()), 0)


async def status_of(connection: AsyncConnection, repository_id: int, number: int) -> PullStatus:
    """What is known of a pull request now."""
    pull = (await connection.execute(select(_PULL).where(_PULL.c.repository_id == repository_id, _PULL.c.number == number))).first()
    wanted: str = pull.wanted_sha if pull is not None else ""
    runs = select(_RUN.c.id, _RUN.c.head_sha, _RUN.c.state, _RUN.c.reason, _RUN.c.headline, _RUN.c.updated_at).where(
        _RUN.c.repository_id == repository_id, _RUN.c.number == number, *([_RUN.c.head_sha == wanted] if wanted else [])
    )
    run = (await connection.execute(runs.order_by(_RUN.c.created_at.desc(), _RUN.c.id.desc()).limit(1))).first()
    where = (_JOB.c.repository_id == repository_id, _JOB.c.number == number, _JOB.c.kind == "review")
    newest = select(_JOB.c.state, _JOB.c.error, _JOB.c.run_at).where(*where).order_by(_JOB.c.created_at.desc(), _JOB.c.id.desc())
    job = (await connection.execute(newest.limit(1))).first()
    if job is not None and job.state == JobState.QUEUED:
        return PullStatus(Stage.QUEUED, wanted, job.error.split("\n")[0][:200], run=run.id if run else "", since=job.run_at)
    if run is None:
        return _without_run(pull is not None, job.error if job is not None else "", wanted)
    stage = _STAGES.get(RunState(run.state), Stage.UNDER_REVIEW)
    reason: str = run.reason
    if stage is Stage.STOPPED and reason.startswith(SKIPPED):
        stage, reason = Stage.SKIPPED, reason.removeprefix(SKIPPED)
    return PullStatus(stage, run.head_sha, reason, run.headline, run.id, run.updated_at)


def _without_run(known: bool, error: str, head_sha: str) -> PullStatus:
    if not known:
        return PullStatus(Stage.UNKNOWN, reason="this server has received no event about it since the App was installed")
    return PullStatus(
        Stage.STOPPED, head_sha, error.split("\n", maxsplit=1)[0][:200] or "it was closed or made a draft before its review began"
    )
