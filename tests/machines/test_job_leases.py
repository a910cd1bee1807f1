"""Leases and fencing numbers of jobs: workers may be slow, crash or lose a lease, and one holder at a time writes about a job."""

from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import select

from app.errors import Superseded
from app.store.engine.upsert import sql_table
from app.store.queue.claims import Claimant, ConcurrencyLimits, FreeSlots, anything_due, claim_due
from app.store.queue.deliveries import insert_jobs
from app.store.queue.jobs import LeasedJob, enter_stage, extend_lease, finish, postpone, require_lease
from app.store.tables.core import JobRow, JobState
from tests.machines.database_machine import SETTINGS, DatabaseMachine
from webhooks.job_base import RepositoryRef
from webhooks.jobs import Job, NoteThread, ReviewCause, ReviewPullRequest

JOB = sql_table(JobRow)
LEASE = 15.5
CAPS = ConcurrencyLimits(per_installation=2, per_repository=2, in_all=3)


@dataclass
class Known:
    """The model's knowledge of a job."""

    job: Job
    run_at: float
    state: JobState = JobState.QUEUED
    fence: int = 0
    lease_until: float = 0.0
    stage: str = ""
    failures: int = 0

    def is_left(self, now: float) -> bool:
        return self.state == JobState.RUNNING and self.lease_until < now


@dataclass
class Held:
    """A claim that was handed out once, and may be stale by now."""

    claim: LeasedJob
    job_id: str
    stages: int = field(default=0)


def _review(installation: int, number: int) -> ReviewPullRequest:
    services = RepositoryRef(id=installation, full_name=f"acme/r{installation}")
    return ReviewPullRequest(
        installation_id=installation, repository=services, number=number, head_sha=f"{number:040x}", cause=ReviewCause.AUTO
    )


class JobLeases(DatabaseMachine):
    """Two workers, each of which may be slow or dead."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Known] = {}
        self.held: list[Held] = []

    @rule(installation=st.integers(1, 2), number=st.integers(1, 3), delay=st.sampled_from([0.0, 3.0, 30.0]), is_review=st.booleans())
    def arrive(self, installation: int, number: int, delay: float, is_review: bool) -> None:
        review = _review(installation, number)
        thread = {"number": number, "thread_id": number, "login": "ada", "resolved": True, "guid": f"{installation}-{number}"}
        note = NoteThread.model_validate({"installation_id": installation, "repository": review.repository, **thread})
        job, job_id = review if is_review else note, self.new_id()
        # Equal jobs are the subject of intake's tests.
        if any(one.job.key == job.key for one in self.known.values()):
            return

        async def work() -> None:
            async with self.database.write() as connection:
                await insert_jobs(connection, [(job_id, job, self.now + delay)], self.now)

        self.run(work())
        self.known[job_id] = Known(job, self.now + delay)

    @rule(seconds=st.sampled_from([0.5, 4.0, 16.0, 40.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule(owner=st.sampled_from(["a", "b"]))
    def claim(self, owner: str) -> None:
        async def work() -> tuple[bool, list[LeasedJob]]:
            async with self.database.write() as connection:
                due = await anything_due(connection, self.now)
                return due, await claim_due(connection, Claimant(owner, self.now, LEASE), CAPS, FreeSlots(2, 2))

        due, claims = self.run(work())
        assert due or not claims
        for claim in claims:
            known = self.known[claim.job_id]
            assert (known.state == JobState.QUEUED and known.run_at <= self.now) or known.is_left(self.now)
            assert claim.fence == known.fence + 1 and claim.job == known.job and claim.record.failures == known.failures
            known.state, known.fence, known.lease_until = JobState.RUNNING, claim.fence, self.now + LEASE
            self.held.append(Held(claim, claim.job_id))
        if not any(one.state == JobState.RUNNING for one in self.known.values()):
            # Without running jobs, no cap and no other review blocks the due ones.
            assert not any(one.state == JobState.QUEUED and one.run_at <= self.now for one in self.known.values())

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def speak(self, data: st.DataObject) -> None:
        held, known, mine = self._draw(data)

        async def work() -> bool:
            async with self.database.write() as connection:
                return await extend_lease(connection, held.claim, self.now + LEASE, 1)

        assert self.run(work()) is mine
        if mine:
            known.lease_until = self.now + LEASE

    @precondition(lambda self: self.held)
    @rule(data=st.data(), stage=st.sampled_from(["read", "seats"]))
    def write(self, data: st.DataObject, stage: str) -> None:
        held, known, mine = self._draw(data)

        async def work() -> None:
            async with self.database.write() as connection:
                await require_lease(connection, held.claim)
                await enter_stage(connection, held.claim, stage)

        if mine:
            self.run(work())
            known.stage = stage
        else:
            with pytest.raises(Superseded):
                self.run(work())

    @precondition(lambda self: self.held)
    @rule(data=st.data(), state=st.sampled_from([JobState.DONE, JobState.DEAD]))
    def end(self, data: st.DataObject, state: JobState) -> None:
        held, known, mine = self._draw(data)

        async def work() -> None:
            async with self.database.write() as connection:
                await finish(connection, held.claim, state, self.now)

        self.run(work())
        if mine:
            known.state = state

    @precondition(lambda self: self.held)
    @rule(data=st.data(), failed=st.booleans(), delay=st.sampled_from([0.0, 10.0]))
    def put_off(self, data: st.DataObject, failed: bool, delay: float) -> None:
        held, known, mine = self._draw(data)

        async def work() -> None:
            async with self.database.write() as connection:
                await postpone(connection, held.claim, self.now + delay, "busy", failed=failed)

        self.run(work())
        if mine:
            known.state, known.run_at, known.failures = JobState.QUEUED, self.now + delay, known.failures + int(failed)

    @invariant()
    def agrees(self) -> None:
        async def work() -> dict[str, tuple[object, ...]]:
            async with self.database.read() as connection:
                rows = await connection.execute(select(JOB.c.id, JOB.c.state, JOB.c.fence, JOB.c.stage, JOB.c.failures))
                return {row[0]: tuple(row[1:]) for row in rows}

        assert self.run(work()) == {id_: (one.state, one.fence, one.stage, one.failures) for id_, one in self.known.items()}

    @invariant()
    def keeps_to_the_caps(self) -> None:
        running = [one.job for one in self.known.values() if one.state == JobState.RUNNING and not one.is_left(self.now)]
        reviews = [job for job in running if isinstance(job, ReviewPullRequest)]
        assert len(reviews) <= CAPS.in_all
        for job in reviews:
            assert sum(other.installation_id == job.installation_id for other in reviews) <= CAPS.per_installation
            assert sum((other.repository.id, other.number) == (job.repository.id, job.number) for other in reviews) == 1

    def _draw(self, data: st.DataObject) -> tuple[Held, Known, bool]:
        """Any claim so far, its job, and whether it is the current one."""
        held = data.draw(st.sampled_from(self.held))
        known = self.known[held.job_id]
        return held, known, known.state == JobState.RUNNING and known.fence == held.claim.fence


@pytest.mark.slow
class TestJobLeases(JobLeases.TestCase):  # type: ignore[name-defined,misc]
    settings = SETTINGS
