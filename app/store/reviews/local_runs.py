"""Stores reviews of repositories on this machine: runs without a job, which can be read later."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import UserError
from app.store.engine.upsert import insert_or, sql_table
from app.store.reviews.transcripts import LOST, transcripts_of
from app.store.tables.core import RunRow, RunState
from webhooks.jobs import RepositoryRef

_RUN = sql_table(RunRow)


@dataclass(frozen=True)
class LocalRun:
    """A local review's id, the repository on this machine that it is about, and its commit."""

    id: str
    repository: RepositoryRef
    head_sha: str


async def local_verdict(connection: AsyncConnection, run_id: str, repository: RepositoryRef) -> str:
    """The verdict of a local review of this repository, as JSON. Raises UserError if there is none."""
    where = (_RUN.c.id == run_id, _RUN.c.trigger == "local", _RUN.c.repository_id == repository.id)
    row = (await connection.execute(select(_RUN.c.verdict).where(*where))).first()
    if row is None:
        raise UserError(f"no run {run_id} of this repository")
    texts = transcripts_of(connection).texts(run_id, verdict=row.verdict)
    verdict = texts["verdict"]
    if verdict is None:
        raise UserError(LOST if texts.lost else f"run {run_id} has no verdict: it ended before that")
    return verdict


async def keep_local(connection: AsyncConnection, run: LocalRun, verdict: str, now: float, *, sealed: bool) -> None:
    """Store the verdict of a local review, without what the council was shown."""
    values = {
        "id": run.id,
        "key": f"local:{run.id}",
        "job_id": "",
        "installation_id": 0,
        "repository_id": run.repository.id,
        "repository": run.repository.full_name,
        "number": 0,
        "head_sha": run.head_sha,
        "trigger": "local",
        "cause": "local",
        "login": "",
        "state": RunState.PUBLISHED,
        "reason": "",
        "verdict": transcripts_of(connection).kept(run.id, "verdict", verdict, sealed=sealed),
        "created_at": now,
        "updated_at": now,
    }
    await connection.execute(insert_or(RunRow, connection.dialect.name).values(values))
