"""The outbox: a worker may die at any failpoint between two steps of an effect, and the effect happens once."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy import update

from app.errors import Superseded
from app.store.engine.upsert import sql_table
from app.store.queue.jobs import FailureRecord, LeasedJob
from app.store.reviews.outbox import SqlOutbox
from app.store.reviews.runs import Run, open_run, set_wanted_head
from app.store.tables.core import JobRow, JobState
from tests.app.store.rows import insert_row
from tests.machines.database_machine import SETTINGS, DatabaseMachine
from webhooks.job_base import RepositoryRef
from webhooks.jobs import ReviewCause, ReviewPullRequest

HEAD, NEWER = "a" * 40, "b" * 40
JOB = sql_table(JobRow)
SHOP = RepositoryRef(id=7, full_name="acme/shop")
REVIEW = ReviewPullRequest(installation_id=42, repository=SHOP, number=5, head_sha=HEAD, cause=ReviewCause.AUTO, trigger="auto")
SURFACES = ("check", "summary", "review")


class Died(Exception):
    """The process ended."""


class Outbox(DatabaseMachine):
    """One run whose job changes hands; GitHub is a list of the writes there, with their marker."""

    def __init__(self) -> None:
        super().__init__()
        self.fence, self.is_wanted = 1, True
        self.github: list[tuple[str, str]] = []
        self.done: set[str] = set()
        self.run_row = self.run(self._open())
        self.outboxes = [self._outbox()]

    async def _open(self) -> Run:
        async with self.database.write() as connection:
            await insert_row(connection, JOB, id="one", key="one", state=JobState.RUNNING, fence=1, lease_until=1e12)
            await set_wanted_head(connection, 7, 5, HEAD)
            return await open_run(connection, self._claim(), "run", HEAD, 1.0)

    def _claim(self) -> LeasedJob:
        return LeasedJob("one", REVIEW, self.fence, FailureRecord(), 0.0)

    def _outbox(self) -> SqlOutbox:
        return SqlOutbox(self.database, self._claim(), self.run_row, lambda: self.now)

    @rule(looks=st.booleans())
    def lose_the_lease(self, looks: bool) -> None:
        """The next worker looks at all of GitHub first, or at each surface before it writes."""
        self.fence += 1

        async def work() -> None:
            async with self.database.write() as connection:
                await connection.execute(update(JOB).values(fence=self.fence))

        self.run(work())
        outbox = self._outbox()
        if looks and self.is_wanted:
            for number, (surface, _) in enumerate(self.github, 1):
                self.run(outbox.adopt(surface, str(number), "", done=False))
            outbox.note_look()
        self.outboxes.append(outbox)

    @rule()
    def push(self) -> None:
        async def work() -> None:
            async with self.database.write() as connection:
                await set_wanted_head(connection, 7, 5, NEWER)

        self.run(work())
        self.is_wanted = False

    @rule(data=st.data(), surface=st.sampled_from(SURFACES), dies=st.sampled_from(["", "intended", "written", "noted"]))
    def publish(self, data: st.DataObject, surface: str, dies: str) -> None:
        outbox = data.draw(st.sampled_from(self.outboxes))
        may = outbox is self.outboxes[-1] and self.is_wanted
        before = len(self.github)
        try:
            self.run(self._publish(outbox, surface, dies))
        except Superseded:
            assert not may and len(self.github) == before
        except Died:
            assert may
        else:
            assert may
            self.done.add(surface)

    async def _publish(self, outbox: SqlOutbox, surface: str, dies: str) -> None:
        entry = await outbox.intend(surface)
        self._die(dies, "intended")
        if not entry.remote_id:
            there = None if entry.fresh else next((n for n, (_, marker) in enumerate(self.github, 1) if marker == entry.marker), None)
            if there is None:
                self.github.append((surface, entry.marker))
                there = len(self.github)
            self._die(dies, "written")
            await outbox.created(surface, str(there), "")
        self._die(dies, "noted")
        await outbox.done(surface)

    @staticmethod
    def _die(dies: str, gap: str) -> None:
        if dies == gap:
            raise Died

    @invariant()
    def is_there_once(self) -> None:
        surfaces = [surface for surface, _ in self.github]
        assert len(surfaces) == len(set(surfaces)) and self.done <= set(surfaces)


@pytest.mark.slow
class TestOutbox(Outbox.TestCase):  # type: ignore[name-defined,misc]
    settings = SETTINGS
