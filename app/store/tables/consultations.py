"""The tables of consultations: the question, each expert's opinion, and the outcome."""

from enum import StrEnum

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class ConsultationState(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"
    INCOMPLETE = "incomplete"
    DEAD = "dead"


class ConsultationRow(SQLModel, table=True):
    """`key` is the job's. `dossier` and `advice` are JSON in our format, deleted when they expire.

    `answer_id` is the comment that answers. `resolved` is the number of the solution that worked, 0 for none, and `score` the feedback of
    people. All of it is deleted at `kept_until`, set from the repository's settings when the question was asked.
    """

    __tablename__ = "consultation"
    __table_args__ = (
        Index("ix_consultation_place", "repository_id", "number", "created_at"),
        Index("ix_consultation_month", "repository_id", "created_at"),
    )
    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    installation_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    repository_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    repository: str
    number: int
    comment_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    login: str
    specialist: str
    question: str = Field(sa_column=Column(Text, nullable=False))
    title: str = ""
    summary: str = Field(default="", sa_column=Column(Text, nullable=False))
    state: str = ConsultationState.ASKED
    dossier: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    advice: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    answer_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    url: str = ""
    resolved: int = 0
    score: int = 0
    created_at: float
    updated_at: float
    kept_until: float = Field(index=True)


class ConsultationOpinionRow(SQLModel, table=True):
    """How one expert understood the question, and the titles of its proposals, one per line."""

    __tablename__ = "consultation_opinion"
    consultation_id: str = Field(primary_key=True)
    seat: str = Field(primary_key=True)
    outcome: str
    view: str = Field(sa_column=Column(Text, nullable=False))
    proposed: str = Field(sa_column=Column(Text, nullable=False))


class ConsultationCritiqueRow(SQLModel, table=True):
    """One expert's stance on the solution of that number. The number 0 is for rejected solutions, distinguished by `title`."""

    __tablename__ = "consultation_critique"
    consultation_id: str = Field(primary_key=True)
    seat: str = Field(primary_key=True)
    title: str = Field(primary_key=True)
    number: int
    stance: str
    evidence: str = Field(sa_column=Column(Text, nullable=False))


class ConsultationOutcomeRow(SQLModel, table=True):
    """A person's feedback on an answer. The newest feedback of one kind by one person wins."""

    __tablename__ = "consultation_outcome"
    __table_args__ = (UniqueConstraint("consultation_id", "login", "kind"),)
    id: str = Field(primary_key=True)
    consultation_id: str = Field(index=True)
    login: str
    kind: str
    number: int = 0
    why: str = ""
    at: float


class ConsultationTermRow(SQLModel, table=True):
    """In how many consultations of a repository a term occurs. Rare terms are searched, common ones only counted."""

    __tablename__ = "consultation_term"
    repository_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    term: str = Field(primary_key=True)
    documents: int
