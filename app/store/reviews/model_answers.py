"""Stores model answers when they arrive, so that a resumed run pays for nothing twice."""

from collections.abc import Callable

from sqlalchemy import select

from app.failpoints import Failpoint, no_failpoint
from app.store.engine.database import Database
from app.store.engine.upsert import insert_or, sql_table
from app.store.reviews.transcripts import transcripts_of
from app.store.tables.core import SeatAnswerRow
from reviewers.models.wrappers import StoredAnswer

_ANSWER = sql_table(SeatAnswerRow)


class SqlAnswerBook:
    """The answers of one run. `sealed` is whether they are stored encrypted."""

    def __init__(
        self, database: Database, run_id: str, clock: Callable[[], float], failpoint: Failpoint = no_failpoint, *, sealed: bool = False
    ) -> None:
        self._database = database
        self._run_id = run_id
        self._clock = clock
        self._failpoint = failpoint
        self._sealed = sealed

    async def get(self, seat: str, digest: str) -> StoredAnswer | None:
        """The stored answer to a request, by its digest. None if it can no longer be decrypted."""
        where = (_ANSWER.c.run_id == self._run_id, _ANSWER.c.seat == seat, _ANSWER.c.digest == digest)
        async with self._database.read() as connection:
            kept: str | None = (await connection.execute(select(_ANSWER.c.body).where(*where))).scalar()
            body = transcripts_of(connection).texts(self._run_id, body=kept)["body"]
        return None if body is None else StoredAnswer.model_validate_json(body)

    async def put(self, seat: str, digest: str, answer: StoredAnswer) -> None:
        """Store an answer. The first one stays."""
        self._failpoint("answer arrived")
        values = {"run_id": self._run_id, "seat": seat, "digest": digest, "created_at": self._clock()}
        async with self._database.write() as connection:
            values["body"] = transcripts_of(connection).kept(self._run_id, "body", answer.model_dump_json(), sealed=self._sealed)
            await connection.execute(insert_or(SeatAnswerRow, connection.dialect.name).values(values).on_conflict_do_nothing())
        self._failpoint("answer stored")
