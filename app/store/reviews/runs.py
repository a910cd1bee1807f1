"""Queries on runs. A run is one attempt of the council at one head, from queued to its end."""

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Superseded, UserError
from app.store.engine.upsert import insert_or, sql_table
from app.store.queue.jobs import LeasedJob, enter_stage, require_lease
from app.store.reviews.transcripts import LOST, transcripts_of
from app.store.tables.core import (
    JobRow,
    JobState,
    LedgerRow,
    PublicationRow,
    PullRequestRow,
    RepositoryRow,
    RunRow,
    RunState,
)
from webhooks.jobs import RepositoryRef, ReviewPullRequest

_RUN, _PULL, _JOB, _REPOSITORY, _PUBLICATION, _LEDGER = (
    sql_table(row) for row in (RunRow, PullRequestRow, JobRow, RepositoryRow, PublicationRow, LedgerRow)
)

CLOSED = "the pull request was closed or made a draft"
NEWER = "a newer commit was pushed"
# The beginning of the reason of a published run for which GitHub refused a surface.
REFUSED = "refused: "
# States of runs whose verdict is on the pull request.
SHOWN = (RunState.PUBLISHED, RunState.INCOMPLETE)
_ENDED = tuple(state for state in RunState if state.ended)
_TRANSCRIPT = {"snapshot", "verdict"}


@dataclass(frozen=True)
class Run:
    """A run as its steps need it. Texts are JSON in our format, None before their step.

    `sealed` is whether its transcript is stored encrypted, `lost` whether that can no longer be decrypted; its texts are None then.
    """

    id: str
    repository: RepositoryRef
    number: int
    head_sha: str
    trigger: str
    cause: str
    login: str
    state: RunState
    snapshot: str | None
    config: str | None
    problems: str | None
    selection: str | None
    verdict: str | None
    sealed: bool = False
    lost: bool = False
    job_id: str = ""
    reason: str = ""


async def open_run(connection: AsyncConnection, claim: LeasedJob[ReviewPullRequest], run_id: str, head_sha: str, now: float) -> Run:
    """The run of this job at this head, new or left by an attempt that crashed."""
    job = claim.job
    await require_lease(connection, claim)
    values = {
        "id": run_id,
        "key": f"{job.repository.id}:{job.number}:{head_sha}:{job.trigger}",
        "job_id": claim.job_id,
        "installation_id": job.installation_id,
        "repository_id": job.repository.id,
        "repository": job.repository.full_name,
        "number": job.number,
        "head_sha": head_sha,
        "trigger": job.trigger,
        "cause": job.cause,
        "login": job.login,
        "state": RunState.QUEUED,
        "reason": "",
        "title": "",
        "author": "",
        "headline": "",
        "created_at": now,
        "updated_at": now,
    }
    await connection.execute(insert_or(RunRow, connection.dialect.name).values(values).on_conflict_do_nothing(index_elements=["key"]))
    row = (await connection.execute(select(_RUN).where(_RUN.c.key == values["key"]))).one()
    # A run that ended before any model was asked, for example because of an unreadable config, starts again.
    unread = row.state == RunState.INCOMPLETE and row.snapshot is None and row.config is None
    again = row.state in {RunState.SUPERSEDED, RunState.CANCELLED, RunState.DEAD} or unread
    state = RunState.QUEUED if again else RunState(row.state)
    if again:
        await connection.execute(update(_RUN).where(_RUN.c.id == row.id).values(state=state, reason="", updated_at=now))
        # Its check run was completed with the run, and has to be concluded again.
        ended_check = (_PUBLICATION.c.owner == row.id, _PUBLICATION.c.surface == "check")
        await connection.execute(update(_PUBLICATION).where(*ended_check).values(done=False, concluding=False))
    return replace(_run(connection, row), repository=job.repository, state=state)


async def last_published(connection: AsyncConnection, repository_id: int, number: int, but: str = "") -> Run | None:
    """The newest run of a pull request that was published with a verdict and not deleted since. `but` is a run to ignore."""
    query = select(_RUN).where(
        _RUN.c.repository_id == repository_id,
        _RUN.c.number == number,
        _RUN.c.state == RunState.PUBLISHED,
        _RUN.c.verdict.is_not(None),
        _RUN.c.snapshot.is_not(None),
        _RUN.c.id != but,
    )
    row = (await connection.execute(query.order_by(_RUN.c.updated_at.desc()).limit(1))).first()
    return None if row is None else _run(connection, row)


async def last_shown(connection: AsyncConnection, repository_id: int, number: int, head_sha: str = "") -> Run | None:
    """The run whose verdict is the newest on a pull request, or on one of its heads, complete or not.

    None if there is none, or it was deleted.
    """
    mine = [_RUN.c.repository_id == repository_id, _RUN.c.number == number]
    if head_sha:
        mine.append(_RUN.c.head_sha == head_sha)
    told = (_RUN.c.state.in_(SHOWN), _RUN.c.verdict.is_not(None), _RUN.c.snapshot.is_not(None))
    row = (await connection.execute(select(_RUN).where(*mine, *told).order_by(_RUN.c.updated_at.desc()).limit(1))).first()
    return None if row is None else _run(connection, row)


async def touch_run(connection: AsyncConnection, run_id: str, now: float) -> None:
    """Make a run the newest on its pull request."""
    await connection.execute(update(_RUN).where(_RUN.c.id == run_id).values(updated_at=now))


async def newest_run(connection: AsyncConnection, repository_id: int, number: int) -> Run | None:
    """The run of a pull request that was opened last."""
    query = select(_RUN).where(_RUN.c.repository_id == repository_id, _RUN.c.number == number)
    row = (await connection.execute(query.order_by(_RUN.c.created_at.desc(), _RUN.c.id.desc()).limit(1))).first()
    return None if row is None else _run(connection, row)


async def left_by(connection: AsyncConnection, job_id: str) -> Run | None:
    """The newest run that an earlier attempt of this job opened."""
    query = select(_RUN).where(_RUN.c.job_id == job_id).order_by(_RUN.c.created_at.desc()).limit(1)
    row = (await connection.execute(query)).first()
    return None if row is None else _run(connection, row)


async def was_spent_on_another(connection: AsyncConnection, job_id: str, head_sha: str) -> bool:
    """Whether an earlier attempt of this job called models about another head."""
    called = select(_LEDGER.c.run_id).where(_LEDGER.c.run_id == _RUN.c.id).exists()
    query = select(_RUN.c.id).where(_RUN.c.job_id == job_id, _RUN.c.head_sha != head_sha, called).limit(1)
    return (await connection.execute(query)).first() is not None


def _run(connection: AsyncConnection, row: Row[tuple[object, ...]]) -> Run:
    texts = transcripts_of(connection).texts(row.id, snapshot=row.snapshot, verdict=row.verdict)
    return Run(
        id=row.id,
        repository=RepositoryRef(id=row.repository_id, full_name=row.repository),
        number=row.number,
        head_sha=row.head_sha,
        trigger=row.trigger,
        cause=row.cause,
        login=row.login,
        state=RunState(row.state),
        snapshot=texts["snapshot"],
        config=row.config,
        problems=row.problems,
        selection=row.selection,
        verdict=texts["verdict"],
        sealed=texts.sealed,
        lost=texts.lost,
        job_id=row.job_id,
        reason=row.reason,
    )


async def find_number(connection: AsyncConnection, external_run: str) -> int:
    """The pull request of a run, for check runs of forks, which name none. 0 if the run is not ours."""
    return (await connection.execute(select(_RUN.c.number).where(_RUN.c.id == external_run))).scalar() or 0


async def stored_verdict(connection: AsyncConnection, beginning: str) -> str:
    """The verdict of the one run with this id prefix, as JSON. Raises UserError if there is none or more than one."""
    where = _RUN.c.id.startswith(beginning, autoescape=True)
    rows = (await connection.execute(select(_RUN.c.id, _RUN.c.verdict).where(where).order_by(_RUN.c.id).limit(2))).all()
    rows = [row for row in rows if row.id == beginning] or list(rows)
    if len(rows) != 1:
        raise UserError(f"no run {beginning}" if not rows else f"more than one run id starts with {beginning}: use more characters of it")
    texts = transcripts_of(connection).texts(rows[0].id, verdict=rows[0].verdict)
    verdict = texts["verdict"]
    if verdict is None:
        raise UserError(LOST if texts.lost else f"run {rows[0].id} has no verdict: it ended before that")
    return verdict


async def advance_run(connection: AsyncConnection, claim: LeasedJob, run: Run, state: RunState, now: float, **texts: str) -> None:
    """Move a run to `state` in the caller's transaction, with the step's results. Raises Superseded if the lease was lost."""
    await require_lease(connection, claim)
    await enter_stage(connection, claim, state)
    door = transcripts_of(connection)
    for column in _TRANSCRIPT & texts.keys():
        texts[column] = door.kept(run.id, column, texts[column], sealed=run.sealed)
    await connection.execute(update(_RUN).where(_RUN.c.id == run.id).values(state=state, updated_at=now, **texts))


async def list_unwithdrawn(connection: AsyncConnection, repository_id: int, number: int, now: float) -> list[Run]:
    """The canceled runs of a pull request whose check run or draft review may still be on GitHub, and whose job nobody holds."""
    is_left = select(_PUBLICATION.c.owner).where(
        _PUBLICATION.c.owner == _RUN.c.id, _PUBLICATION.c.surface.in_(("check", "review")), _PUBLICATION.c.done.is_(False)
    )
    is_going = select(_JOB.c.id).where(_JOB.c.id == _RUN.c.job_id, or_(_JOB.c.finished_at.is_(None), _JOB.c.lease_until > now))
    mine = (_RUN.c.repository_id == repository_id, _RUN.c.number == number, _RUN.c.state == RunState.CANCELLED)
    rows = (await connection.execute(select(_RUN).where(*mine, is_left.exists(), ~is_going.exists()))).all()
    return [_run(connection, row) for row in rows]


async def end_unfinished(connection: AsyncConnection, repository_id: int, number: int, state: RunState, now: float) -> None:
    """End every run of a pull request that is still in progress."""
    where = (_RUN.c.repository_id == repository_id, _RUN.c.number == number, _RUN.c.state.not_in(_ENDED))
    await connection.execute(update(_RUN).where(*where).values(state=state, updated_at=now))


async def cancel_queued(connection: AsyncConnection, repository_id: int, number: int, now: float) -> None:
    """Cancel the reviews of a pull request that have not started.

    Reviews that a person requested report that themselves. One that waits for another try takes back what it wrote.
    """
    is_begun = select(_RUN.c.id).where(_RUN.c.job_id == _JOB.c.id, _RUN.c.state.not_in(_ENDED)).exists()
    await _cancel(connection, repository_id, number, now, _JOB.c.state == JobState.QUEUED, _JOB.c.key.endswith(":auto"), ~is_begun)


async def cancel_reviews(connection: AsyncConnection, repository_id: int, number: int, now: float) -> int:
    """Cancel the reviews of a pull request, running ones too. Their holder learns it with its next heartbeat."""
    return await _cancel(connection, repository_id, number, now, _JOB.c.state.in_([JobState.QUEUED, JobState.RUNNING]))


async def _cancel(connection: AsyncConnection, repository_id: int, number: int, now: float, *which: ColumnElement[bool]) -> int:
    where = (_JOB.c.repository_id == repository_id, _JOB.c.number == number, _JOB.c.kind == "review", *which)
    done = await connection.execute(update(_JOB).where(*where).values(state=JobState.CANCELLED, finished_at=now))
    return int(done.rowcount)


async def set_wanted_head(connection: AsyncConnection, repository_id: int, number: int, head_sha: str) -> None:
    """Record the head that GitHub itself reports. It overrules any delivery, because those come late and out of order."""
    statement = insert_or(PullRequestRow, connection.dialect.name).values(
        repository_id=repository_id, number=number, head_sha=head_sha, wanted_sha=head_sha, open=True
    )
    update_set = {"head_sha": head_sha, "wanted_sha": head_sha, "open": True, "pushed_since": None}
    await connection.execute(statement.on_conflict_do_update(index_elements=["repository_id", "number"], set_=update_set))


async def still_wanted(connection: AsyncConnection, repository_id: int, number: int, head_sha: str) -> None:
    """Raise Superseded if the pull request was closed or its head is outdated."""
    query = select(_PULL.c.wanted_sha, _PULL.c.open).where(_PULL.c.repository_id == repository_id, _PULL.c.number == number)
    row = (await connection.execute(query)).first()
    if row is not None and not row.open:
        raise Superseded(CLOSED)
    if row is not None and row.wanted_sha != head_sha:
        raise Superseded(NEWER)


async def close_runs(connection: AsyncConnection, repository_id: int, number: int) -> None:
    """Record that a pull request must no longer be reviewed."""
    statement = insert_or(PullRequestRow, connection.dialect.name).values(
        repository_id=repository_id, number=number, head_sha="", wanted_sha="", open=False
    )
    await connection.execute(statement.on_conflict_do_update(index_elements=["repository_id", "number"], set_={"open": False}))


async def know_pull_request(connection: AsyncConnection, repository_id: int, number: int, head_sha: str) -> None:
    """Record a pull request that no delivery named, such as one found by a sweep. Without a row, its part of its head's check run would not
    count.
    """
    statement = insert_or(PullRequestRow, connection.dialect.name).values(
        repository_id=repository_id, number=number, head_sha=head_sha, wanted_sha=head_sha, open=True
    )
    await connection.execute(statement.on_conflict_do_nothing())


async def know_repository(connection: AsyncConnection, installation_id: int, repository: RepositoryRef) -> None:
    """Record a repository and its installation."""
    statement = insert_or(RepositoryRow, connection.dialect.name).values(
        id=repository.id, installation_id=installation_id, full_name=repository.full_name, removed=False
    )
    update_set = {"installation_id": installation_id, "full_name": repository.full_name, "removed": False}
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=update_set))
