"""The outbox: an intention is written before each effect on GitHub, and the effect's id right after it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.failpoints import Failpoint, no_failpoint
from app.store.engine.database import Database
from app.store.engine.upsert import insert_or, sql_table
from app.store.queue.jobs import LeasedJob, enter_stage, require_lease
from app.store.reviews.markers import ReviewMarker, job_marker
from app.store.reviews.runs import SHOWN, Run, still_wanted
from app.store.tables.core import PublicationRow, PullRequestRow, RunRow

# GitHub shows a write to later reads only after seconds; an earlier look could miss it and write again.
READ_LAG_SECONDS = 6.0

_PUBLICATION, _PULL, _RUN = sql_table(PublicationRow), sql_table(PullRequestRow), sql_table(RunRow)
# The name of the last write, for surfaces that take two.
_LAST = {"check": "concluded", "review": "submitted"}


@dataclass(frozen=True)
class OutboxEntry:
    """An intended effect on GitHub.

    `fresh`: the row was written just now under this lease, which has looked on GitHub before, so nothing of it can exist. Otherwise look
    for our own `marker` before writing: its answer may have been lost, or a database that this one was restored over may have made it.
    `wait` is for how many seconds GitHub may not show yet what an earlier attempt wrote. `added`: no attempt with this database was
    earlier. `remote_id` is "" until `created` was recorded, `concluding` is set once its last write may be in progress, and `done` once
    the effect is complete.
    """

    surface: str
    marker: str
    fresh: bool
    remote_id: str = ""
    url: str = ""
    done: bool = False
    concluding: bool = False
    wait: float = 0.0
    added: bool = False


_MarkerOf = Callable[[AsyncConnection, str], Awaitable[str]]


class _Rows:
    """The intentions of one owner: a run, or a job without one."""

    def __init__(self, owner: str, clock: Callable[[], float], marker_of: "_MarkerOf", lag: float) -> None:
        self._owner = owner
        self._clock = clock
        self._marker_of = marker_of
        self._lag = lag

    async def intend(self, connection: AsyncConnection, surface: str, *, looked: bool = False) -> OutboxEntry:
        row = await self.row(connection, surface)
        if row is not None:
            return replace(_entry(row, fresh=False), wait=min(self._lag, max(0.0, row.created_at + self._lag - self._clock())))
        marker = await self._marker_of(connection, surface)
        values = {
            "owner": self._owner,
            "surface": surface,
            "marker": marker,
            "remote_id": "",
            "url": "",
            "done": False,
            "concluding": False,
            "created_at": self._clock(),
        }
        await connection.execute(insert_or(PublicationRow, connection.dialect.name).values(values))
        return OutboxEntry(surface, marker, fresh=looked, added=True)

    async def row(self, connection: AsyncConnection, surface: str) -> Row[tuple[object, ...]] | None:
        return (await connection.execute(select(_PUBLICATION).where(*self._where(surface)))).first()

    async def change(self, connection: AsyncConnection, surface: str, **values: object) -> OutboxEntry:
        await connection.execute(update(_PUBLICATION).where(*self._where(surface)).values(**values))
        row = await self.row(connection, surface)
        if row is None:
            raise LookupError(f"{surface} was not intended")
        return _entry(row, fresh=False)

    def _where(self, surface: str) -> tuple[ColumnElement[bool], ...]:
        return (_PUBLICATION.c.owner == self._owner, _PUBLICATION.c.surface == surface)


async def list_published(connection: AsyncConnection, owner: str) -> dict[str, OutboxEntry]:
    """What a run or a job posted, by surface."""
    rows = await connection.execute(select(_PUBLICATION).where(_PUBLICATION.c.owner == owner, _PUBLICATION.c.remote_id != ""))
    return {row.surface: _entry(row, fresh=False) for row in rows}


class JobOutbox:
    """The outbox of a job that has no run, such as an answer to a command. `lag` is in seconds."""

    def __init__(self, database: Database, claim: LeasedJob, clock: Callable[[], float], lag: float = READ_LAG_SECONDS) -> None:
        self._database = database
        self._claim = claim
        self._rows = _Rows(claim.job_id, clock, self._marker, lag)

    async def _marker(self, _: AsyncConnection, surface: str) -> str:
        return job_marker(surface, self._claim.job.key)

    async def intend(self, surface: str) -> OutboxEntry:
        """Write the intention, or read the one that a crashed attempt left. It is never fresh: look on GitHub before writing."""
        async with self._database.write() as connection:
            await require_lease(connection, self._claim)
            return await self._rows.intend(connection, surface)

    async def recall(self, surface: str) -> OutboxEntry | None:
        """The intention, if there is one."""
        async with self._database.read() as connection:
            row = await self._rows.row(connection, surface)
        return None if row is None else _entry(row, fresh=False)

    async def created(self, surface: str, remote_id: str, url: str) -> OutboxEntry:
        """Record the id that GitHub assigned."""
        async with self._database.write() as connection:
            return await self._rows.change(connection, surface, remote_id=remote_id, url=url, done=True)


class SqlOutbox:
    """The outbox of one run. Every method raises Superseded if the lease was lost or, before a new effect, if the head is outdated.

    `lag` is in seconds.
    """

    def __init__(
        self,
        database: Database,
        claim: LeasedJob,
        run: Run,
        clock: Callable[[], float],
        failpoint: Failpoint = no_failpoint,
        lag: float = READ_LAG_SECONDS,
    ) -> None:
        self._database = database
        self._claim = claim
        self._run = run
        self._rows = _Rows(run.id, clock, self._marker, lag)
        self._failpoint = failpoint
        self._looked = False
        self._pull = (_PULL.c.repository_id == run.repository.id, _PULL.c.number == run.number)

    async def intend(self, surface: str) -> OutboxEntry:
        """Write the intention, or read the one that a crashed attempt left."""
        async with self._database.write() as connection:
            await require_lease(connection, self._claim)
            await still_wanted(connection, self._run.repository.id, self._run.number, self._run.head_sha)
            entry = await self._rows.intend(connection, surface, looked=self._looked)
        self._failpoint(f"{surface} intended")
        return entry

    def note_look(self) -> None:
        """Record that this lease has looked on GitHub and adopted what it found. Intentions from now on are fresh."""
        self._looked = True

    async def adopt(self, surface: str, remote_id: str, url: str, *, done: bool) -> None:
        """Adopt what is already on GitHub, as an intention whose answer has arrived."""
        async with self._database.write() as connection:
            await require_lease(connection, self._claim)
            entry = await self._rows.intend(connection, surface)
            if not entry.done:
                await self._rows.change(connection, surface, remote_id=remote_id, url=url, done=done)

    async def adopt_summary_comment(self, comment_id: int) -> None:
        """Adopt the summary comment of this pull request, whichever run wrote it, if none is recorded."""
        async with self._database.write() as connection:
            unknown = _PULL.c.summary_comment_id.is_(None)
            await connection.execute(update(_PULL).where(*self._pull, unknown).values(summary_comment_id=comment_id))

    async def _marker(self, connection: AsyncConnection, surface: str) -> str:
        run, triggers = self._run, [self._run.trigger]
        if surface != "review":
            # The summary and the check run of a head show its newest review and replace those of earlier ones.
            mine = (_RUN.c.repository_id == run.repository.id, _RUN.c.number == run.number, _RUN.c.head_sha == run.head_sha)
            query = select(_RUN.c.trigger).where(*mine, _RUN.c.state.in_(SHOWN), _RUN.c.id != run.id).order_by(_RUN.c.created_at)
            triggers = [*(await connection.execute(query)).scalars(), run.trigger]
        return str(ReviewMarker(surface, run.number, run.head_sha, tuple(triggers)))

    async def recall(self, surface: str) -> OutboxEntry | None:
        """The intention, if there is one, even if the head is outdated."""
        async with self._database.read() as connection:
            row = await self._rows.row(connection, surface)
        return None if row is None else _entry(row, fresh=False)

    async def created(self, surface: str, remote_id: str, url: str) -> OutboxEntry:
        """Record the id that GitHub assigned, before anything else. The effect exists, so the lease is not checked."""
        self._failpoint(f"{surface} sent")
        async with self._database.write() as connection:
            if surface == "summary":
                await connection.execute(update(_PULL).where(*self._pull).values(summary_comment_id=int(remote_id)))
            entry = await self._rows.change(connection, surface, remote_id=remote_id, url=url)
            # This is progress to a new stage. Crashes are counted within one.
            await enter_stage(connection, self._claim, f"{surface} noted")
        self._failpoint(f"{surface} noted")
        return entry

    async def conclude(self, surface: str) -> None:
        """Record that the last write of an effect is about to start."""
        async with self._database.write() as connection:
            await require_lease(connection, self._claim)
            await still_wanted(connection, self._run.repository.id, self._run.number, self._run.head_sha)
            await self._rows.change(connection, surface, concluding=True)
        self._failpoint(f"{surface} concluding")

    async def done(self, surface: str) -> None:
        """Record that the effect is complete."""
        self._failpoint(f"{surface} {_LAST.get(surface, 'sent')}")
        async with self._database.write() as connection:
            await self._rows.change(connection, surface, done=True)
            await enter_stage(connection, self._claim, f"{surface} done")
        self._failpoint(f"{surface} done")

    async def summary_comment(self) -> int | None:
        """The id of this pull request's summary comment from any earlier run, if known."""
        async with self._database.read() as connection:
            comment_id: int | None = (await connection.execute(select(_PULL.c.summary_comment_id).where(*self._pull))).scalar()
            return comment_id


def _entry(row: Row[tuple[object, ...]], *, fresh: bool) -> OutboxEntry:
    return OutboxEntry(row.surface, row.marker, fresh, row.remote_id, row.url, row.done, row.concluding)
