"""The tables. SQL is the source of truth, and no row leaves this package.

Times are seconds since the epoch, UTC. The names of states are next to their tables.
"""

from enum import StrEnum

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field, SQLModel


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    DEAD = "dead"


class RunState(StrEnum):
    QUEUED = "queued"
    SNAPSHOT = "snapshot"
    OPINIONS = "opinions"
    CRITIQUE = "critique"
    VERDICT = "verdict"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    INCOMPLETE = "incomplete"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    DEAD = "dead"

    @property
    def ended(self) -> bool:
        return self in _ENDED


_ENDED = {RunState.PUBLISHED, RunState.INCOMPLETE, RunState.SUPERSEDED, RunState.CANCELLED, RunState.DEAD}


def _big(*, primary: bool = False, index: bool = False) -> Column[int]:
    return Column(BigInteger, primary_key=primary, autoincrement=False if primary else "auto", nullable=False, index=index)


class InstallationRow(SQLModel, table=True):
    """`known_since` is when we first learned of it. Pull requests opened before are not missed deliveries."""

    __tablename__ = "installation"
    id: int = Field(sa_column=_big(primary=True))
    account: str = ""
    known_since: float = 0.0
    suspended: bool = False
    removed: bool = False


class RepositoryRow(SQLModel, table=True):
    __tablename__ = "repository"
    id: int = Field(sa_column=_big(primary=True))
    installation_id: int = Field(sa_column=_big(index=True))
    full_name: str
    removed: bool = False


class PullRequestRow(SQLModel, table=True):
    """`head_sha` is from GitHub. `wanted_sha` is the newest head to review; a run must match it to continue."""

    __tablename__ = "pull_request"
    repository_id: int = Field(sa_column=_big(primary=True))
    number: int = Field(primary_key=True)
    head_sha: str = ""
    wanted_sha: str = ""
    open: bool = True
    pushed_since: float | None = None
    summary_comment_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class DeliveryRow(SQLModel, table=True):
    __tablename__ = "delivery"
    guid: str = Field(primary_key=True)
    event: str
    action: str
    installation_id: int = Field(sa_column=_big())
    digest: str
    state: str = "recorded"
    jobs: int = 0
    received_at: float = Field(index=True)


class JobRow(SQLModel, table=True):
    """`fence` grows with every claim; a holder of an older one can write nothing. Jobs of one `lane` run by `turn`; "" waits for nothing.

    `company` is how many jobs the holder had at its last heartbeat, and `blame` the job's share in crashes in its stage. `trace` is the W3C
    traceparent of the delivery that caused it, "" without a trace.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "state", "run_at"),
        Index("ix_job_pull_request", "repository_id", "number"),
        Index("ix_job_kind", "kind", "state"),
    )
    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    kind: str
    payload: str = Field(sa_column=Column(Text, nullable=False))
    installation_id: int = Field(sa_column=_big(index=True))
    repository_id: int = Field(sa_column=_big())
    number: int = 0
    state: str = JobState.QUEUED
    stage: str = ""
    run_at: float
    created_at: float
    finished_at: float | None = Field(default=None, index=True)
    failures: int = 0
    crashes: int = 0
    company: int = 1
    blame: float = 0.0
    fence: int = 0
    lease_until: float = 0.0
    owner: str = ""
    error: str = ""
    lane: str = Field(default="", index=True)
    turn: int = 0
    trace: str = ""


class RunRow(SQLModel, table=True):
    """`key` is repository, number, head SHA and trigger. Snapshot, config, selection and verdict are JSON in our format.

    They come last, because SQLite reads a row's columns in order. `title` and `author` are the pull request's, `headline` the verdict's.
    """

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_pull_request", "repository_id", "number", "created_at", "id"),
        Index("ix_run_state", "state", "updated_at"),
        Index("ix_run_list", "repository_id", "created_at", "id", "state", "cause", "author"),
        *(Index(f"ix_run_by_{name}", "repository_id", name, "created_at", "id") for name in ("state", "author", "cause")),
        # There is also ix_run_full, of runs that still hold texts (migration 0010). Declared here, it would load PostgreSQL's dialect
        # everywhere.
    )
    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    job_id: str = Field(index=True)
    installation_id: int = Field(sa_column=_big())
    repository_id: int = Field(sa_column=_big())
    repository: str
    number: int
    head_sha: str
    trigger: str
    cause: str
    login: str = ""
    state: str = RunState.QUEUED
    reason: str = ""
    title: str = ""
    author: str = ""
    headline: str = ""
    created_at: float
    updated_at: float
    snapshot: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    config: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    problems: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    selection: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    verdict: str | None = Field(default=None, sa_column=Column(Text, nullable=True))


class SeatAnswerRow(SQLModel, table=True):
    """One model call's answer or final failure, stored when it arrived. `digest` is that of the request."""

    __tablename__ = "seat_answer"
    run_id: str = Field(primary_key=True)
    seat: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    body: str = Field(sa_column=Column(Text, nullable=False))
    created_at: float


class FindingRow(SQLModel, table=True):
    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_pull_request", "repository_id", "number"),)
    run_id: str = Field(primary_key=True)
    short_id: str = Field(primary_key=True)
    repository_id: int = Field(sa_column=_big())
    number: int
    fingerprint: str
    standing: str
    severity: str
    category: str
    path: str
    line: int | None = None
    title: str
    confidence: float
    raised_by: str
    score: float | None = None
    inline: bool = False


class VoteRow(SQLModel, table=True):
    __tablename__ = "vote"
    run_id: str = Field(primary_key=True)
    short_id: str = Field(primary_key=True)
    seat: str = Field(primary_key=True)
    stance: str
    evidence: str = Field(sa_column=Column(Text, nullable=False))


class PublicationRow(SQLModel, table=True):
    """The outbox: written before a call to GitHub, completed after it. `owner` is the run or the job whose effect it is."""

    __tablename__ = "publication"
    owner: str = Field(primary_key=True)
    surface: str = Field(primary_key=True)
    marker: str
    remote_id: str = ""
    url: str = ""
    concluding: bool = False
    done: bool = False
    created_at: float


class LedgerRow(SQLModel, table=True):
    """One model call: reserved before it, settled after it. If its process died, the reservation is booked as spent.

    `fault` is why it returned no answer, "" if it did.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_repository", "repository_id", "created_at"),
        Index("ix_ledger_in_flight", "settled_at", "provider"),
    )
    id: str = Field(primary_key=True)
    run_id: str = Field(index=True)
    repository_id: int = Field(sa_column=_big())
    number: int
    purpose: str
    provider: str = ""
    model: str = ""
    fault: str = ""
    reserved_usd: float
    spent_usd: float | None = None
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    created_at: float = Field(index=True)
    settled_at: float | None = None
