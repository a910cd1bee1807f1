"""The tables of people's decisions: pauses, dismissals, outcomes, suggested rules, commands given, and settings of the whole instance."""

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field, SQLModel


def _big(*, primary: bool = False) -> Column[int]:
    return Column(BigInteger, primary_key=primary, autoincrement=False if primary else "auto", nullable=False)


class CommandUseRow(SQLModel, table=True):
    """A command that somebody gave, allowed or not. `account_id` is GitHub's, 0 if it is not known."""

    __tablename__ = "command_use"
    __table_args__ = (Index("ix_command_use_login", "repository_id", "login", "at"), Index("ix_command_use_at", "at"))
    job_id: str = Field(primary_key=True)
    repository_id: int = Field(sa_column=_big())
    login: str
    command: str
    paid: bool = False
    refused: bool = False
    at: float
    account_id: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


class InstanceRow(SQLModel, table=True):
    """This instance, in one row (id 1): `capped` if caps for all repositories together apply by default, and its pause."""

    __tablename__ = "instance"
    id: int = Field(sa_column=_big(primary=True))
    capped: bool
    paused: bool = False
    paused_by: str = ""
    paused_at: float = 0.0


class PauseRow(SQLModel, table=True):
    """A pull request whose pushes are not reviewed. `login` is "" if no person paused it. `on` is False once it was resumed."""

    __tablename__ = "pause"
    repository_id: int = Field(sa_column=_big(primary=True))
    number: int = Field(primary_key=True)
    on: bool = True
    login: str = ""
    at: float


class DispositionRow(SQLModel, table=True):
    """A decision about a finding: dismissed by a person, or withdrawn by the seats. `finding` is JSON in our format."""

    __tablename__ = "disposition"
    __table_args__ = (Index("ix_disposition_repository", "repository_id", "path"),)
    repository_id: int = Field(sa_column=_big(primary=True))
    number: int = Field(primary_key=True)
    fingerprint: str = Field(primary_key=True)
    short_id: str
    kind: str
    login: str
    reason: str = ""
    path: str = ""
    finding: str = Field(sa_column=Column(Text, nullable=False))
    at: float


class OutcomeRow(SQLModel, table=True):
    """A sign of whether a finding was right. `source` is where it comes from; seats are separated by commas, by their model strings."""

    __tablename__ = "outcome"
    __table_args__ = (Index("ix_outcome_at", "repository_id", "at"),)
    repository_id: int = Field(sa_column=_big(primary=True))
    number: int = Field(primary_key=True)
    fingerprint: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    right: bool
    raised_by: str = ""
    confirmed_by: str = ""
    rejected_by: str = ""
    category: str = ""
    path: str = ""
    score: float | None = None
    at: float


class SuggestedRuleRow(SQLModel, table=True):
    """What a person did with a suggested rule. `evidence` are the ids of its findings as a JSON list; they suggest nothing again."""

    __tablename__ = "suggested_rule"
    repository_id: int = Field(sa_column=_big(primary=True))
    key: str = Field(primary_key=True)
    state: str
    login: str
    evidence: str = Field(sa_column=Column(Text, nullable=False))
    at: float
