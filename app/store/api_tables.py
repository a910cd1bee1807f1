"""What is remembered of GitHub's own API: when we wrote, and how far it was read."""

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel


class GitHubWriteRow(SQLModel, table=True):
    """One content-creating request of an installation, so that all workers together keep GitHub's pace."""

    __tablename__ = "github_write"
    __table_args__ = (Index("ix_github_write_installation", "installation_id", "at"),)
    id: str = Field(primary_key=True)
    installation_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    at: float


class BookmarkRow(SQLModel, table=True):
    """How far something was read that goes on for ever."""

    __tablename__ = "bookmark"
    name: str = Field(primary_key=True)
    at: float
