"""The tables behind the pages: who is signed in, what was set by whom, and what is kept under lock."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Text, false
from sqlmodel import Field, SQLModel


class SessionRow(SQLModel, table=True):
    """`id` is the hash of what the browser holds, so that who reads the table is not signed in; `token` is sealed."""

    __tablename__ = "session"
    id: str = Field(primary_key=True)
    github_id: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    login: str = ""
    token: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    csrf: str
    admin: bool = False
    address: str = ""
    browser: str = ""
    created_at: float
    seen_at: float = Field(index=True)
    auditor: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class AdminRow(SQLModel, table=True):
    """A person with a role on this server: "admin" runs it, "auditor" reads its pages and changes nothing."""

    __tablename__ = "admin"
    github_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    login: str
    since: float
    role: str = Field(default="admin", sa_column=Column(String, nullable=False, server_default="admin"))


class SecretRow(SQLModel, table=True):
    """A secret, sealed for its scope and name; `hint` is what may be shown of it."""

    __tablename__ = "secret"
    scope: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hint: str = ""
    changed_by: str = ""
    changed_at: float


class SettingRow(SQLModel, table=True):
    """What a page set at one level; `scope` is "installation:ID" or "repository:ID", `text` the YAML of council.yml's keys."""

    __tablename__ = "setting"
    scope: str = Field(primary_key=True)
    version: int
    text: str = Field(sa_column=Column(Text, nullable=False))


class SettingChangeRow(SQLModel, table=True):
    """Who changed what; `key` is dotted, values are JSON, "" where nothing was set."""

    __tablename__ = "setting_change"
    id: str = Field(primary_key=True)
    scope: str = Field(index=True)
    version: int
    login: str
    key: str
    before: str = Field(sa_column=Column(Text, nullable=False))
    after: str = Field(sa_column=Column(Text, nullable=False))
    at: float


class AuditRow(SQLModel, table=True):
    """One privileged event; `digest` covers the row and the one before it."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_at", "at"),)
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: float
    login: str
    address: str
    action: str
    subject: str
    detail: str = Field(sa_column=Column(Text, nullable=False))
    digest: str


class TypicalCostRow(SQLModel, table=True):
    """What a review of usual size likely costs: of one model, or of the council that a preset chooses; written by workers.

    `kind` is "model" or "preset", `name` the model string or the preset, "" for none. `usd` is None where a price is unknown.
    `input_usd` and `output_usd` are per million tokens, `context` tokens, None where unknown; `pooled` marks the models that are
    chosen from where nobody names any.
    """

    __tablename__ = "typical_cost"
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    seats: int
    usd: float | None = None
    retires: str = ""
    able: bool = True
    place: int = 0
    at: float
    input_usd: float | None = None
    output_usd: float | None = None
    context: int | None = None
    pooled: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class RedCheckRow(SQLModel, table=True):
    """A check that was red on a run's head: what kind of thing made it so, and whether the base branch was red by it before."""

    __tablename__ = "red_check"
    __table_args__ = (Index("ix_red_check_repository", "repository_id", "at", "cause", "red_before"),)
    run_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    repository_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    cause: str
    red_before: bool
    at: float


class RunGroupRow(SQLModel, table=True):
    """A label of a run's pull request, or a team that was asked to review it; `kind` is "label" or "team"."""

    __tablename__ = "run_group"
    __table_args__ = (Index("ix_run_group_repository", "repository_id"),)
    run_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    repository_id: int = Field(sa_column=Column(BigInteger, nullable=False))


class WorkDayRow(SQLModel, table=True):
    """The runs, the reviews among them that count, and the questions of a repository on one day; `day` is its first moment, UTC.

    Only days before the bookmark "work" are in it.
    """

    __tablename__ = "work_day"
    repository_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: float = Field(primary_key=True)
    runs: int = Field(sa_column=Column(BigInteger, nullable=False))
    reviews: int = Field(sa_column=Column(BigInteger, nullable=False))
    questions: int = Field(sa_column=Column(BigInteger, nullable=False))


class SpendingDayRow(SQLModel, table=True):
    """The calls that one model made for a repository on one day and that ended in one way; `day` is its first moment, UTC.

    Only calls before the bookmark "spending" are in it.
    """

    __tablename__ = "spending_day"
    repository_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: float = Field(primary_key=True)
    model: str = Field(primary_key=True)
    fault: str = Field(primary_key=True)
    calls: int = Field(sa_column=Column(BigInteger, nullable=False))
    seconds: float
    usd: float
