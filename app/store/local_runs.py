"""Reviews of this machine's own repositories: runs without a job, kept so that they can be read again."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.statements import insert
from app.store.tables import RunRow, RunState
from app.store.transcripts import transcripts_of
from reviewers.context.snapshot import Snapshot


async def keep_local(connection: AsyncConnection, run_id: str, snapshot: Snapshot, verdict: str, now: float, *, sealed: bool) -> None:
    """Keep the verdict of a local review, without what it was shown."""
    values = {
        "id": run_id,
        "key": f"local:{run_id}",
        "job_id": "",
        "installation_id": 0,
        "repository_id": 0,
        "repository": snapshot.repository,
        "number": 0,
        "head_sha": snapshot.head_sha,
        "trigger": "local",
        "cause": "local",
        "login": "",
        "state": RunState.PUBLISHED,
        "reason": "",
        "verdict": transcripts_of(connection).kept(run_id, "verdict", verdict, sealed=sealed),
        "created_at": now,
        "updated_at": now,
    }
    await connection.execute(insert(RunRow, connection.dialect.name).values(values))
