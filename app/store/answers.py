"""Model answers, stored when they arrive: a resumed run buys nothing twice."""

from collections.abc import Callable

from sqlalchemy import select

from app.store.database import Database
from app.store.statements import insert, table
from app.store.tables import SeatAnswerRow

_ANSWER = table(SeatAnswerRow)


class SqlAnswerBook:
    """The answers of one run; a body is JSON of the recorder's own making."""

    def __init__(self, database: Database, run_id: str, clock: Callable[[], float]) -> None:
        self._database = database
        self._run_id = run_id
        self._clock = clock

    async def get(self, seat: str, digest: str) -> str | None:
        """The stored answer to a request, by its digest."""
        where = (_ANSWER.c.run_id == self._run_id, _ANSWER.c.seat == seat, _ANSWER.c.digest == digest)
        async with self._database.read() as connection:
            body: str | None = (await connection.execute(select(_ANSWER.c.body).where(*where))).scalar()
            return body

    async def put(self, seat: str, digest: str, purpose: str, body: str) -> None:
        """Store an answer; the first one stays."""
        values = {
            "run_id": self._run_id,
            "seat": seat,
            "digest": digest,
            "purpose": purpose,
            "body": body,
            "created_at": self._clock(),
        }
        async with self._database.write() as connection:
            await connection.execute(insert(SeatAnswerRow, connection.dialect.name).values(values).on_conflict_do_nothing())
