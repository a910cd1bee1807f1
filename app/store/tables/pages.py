"""The tables behind the pages: sessions, settings with their changes, and secrets."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Text, false
from sqlmodel import Field, SQLModel


class SessionRow(SQLModel, table=True):
    """`id` is the hash of the browser's token, so that reading the table does not sign anyone in. `token` is encrypted."""

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
    """A person with a role on this server: an "admin" manages it, an "auditor" reads its pages and changes nothing."""

    __tablename__ = "admin"
    github_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    login: str
    since: float
    role: str = Field(default="admin", sa_column=Column(String, nullable=False, server_default="admin"))


class SecretRow(SQLModel, table=True):
    """A secret, encrypted for its scope and name. `hint` is what may be shown of it."""

    __tablename__ = "secret"
    scope: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hint: str = ""
    changed_by: str = ""
    changed_at: float


class SettingRow(SQLModel, table=True):
    """What a page set at one level. `scope` is "installation:ID" or "repository:ID", `text` the YAML of council.yml's keys."""

    __tablename__ = "setting"
    scope: str = Field(primary_key=True)
    version: int
    text: str = Field(sa_column=Column(Text, nullable=False))


class SettingChangeRow(SQLModel, table=True):
    """Who changed which setting. `key` is dotted; values are JSON, "" if nothing was set."""

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
    """One privileged event. `digest` covers the row and the one before it."""

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
    """What a review of usual size likely costs: of one model, or of the council that a preset selects. Written by workers.

    `kind` is "model" or "preset", `name` the model string or the preset, "" for none. `usd` is None if a price is unknown. `input_usd` and
    `output_usd` are per million tokens, `context` is in tokens, None if unknown. `pooled` marks the models that are selected from by
    default.
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
    """A check that failed on a run's head: the kind of cause, and whether it failed on the base branch before."""

    __tablename__ = "red_check"
    __table_args__ = (Index("ix_red_check_repository", "repository_id", "at", "cause", "red_before"),)
    run_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    repository_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    cause: str
    red_before: bool
    at: float


class RunGroupRow(SQLModel, table=True):
    """A label of a run's pull request, or a team whose review was requested. `kind` is "label" or "team"."""

    __tablename__ = "run_group"
    __table_args__ = (Index("ix_run_group_repository", "repository_id"),)
    run_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    repository_id: int = Field(sa_column=Column(BigInteger, nullable=False))


class WorkDayRow(SQLModel, table=True):
    """A repository's runs, the reviews among them that count, and questions on one day; `day` is its first moment, UTC.

    It only covers days before the bookmark "work".
    """

    __tablename__ = "work_day"
    repository_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: float = Field(primary_key=True)
    runs: int = Field(sa_column=Column(BigInteger, nullable=False))
    reviews: int = Field(sa_column=Column(BigInteger, nullable=False))
    questions: int = Field(sa_column=Column(BigInteger, nullable=False))


class SpendingDayRow(SQLModel, table=True):
    """One model's calls for a repository on one day with the same end; `day` is its first moment, UTC.

    It only covers calls before the bookmark "spending".
    """

    __tablename__ = "spending_day"
    repository_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: float = Field(primary_key=True)
    model: str = Field(primary_key=True)
    fault: str = Field(primary_key=True)
    calls: int = Field(sa_column=Column(BigInteger, nullable=False))
    seconds: float
    usd: float
