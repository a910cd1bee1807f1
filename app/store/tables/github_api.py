"""The tables about our use of GitHub's API: when we wrote, and how far we have read."""

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel


class GitHubWriteRow(SQLModel, table=True):
    """One content-creating request of an installation, so that all workers together stay under GitHub's rate limits."""

    __tablename__ = "github_write"
    __table_args__ = (Index("ix_github_write_installation", "installation_id", "at"),)
    id: str = Field(primary_key=True)
    installation_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    at: float


class BookmarkRow(SQLModel, table=True):
    """How far an endless list has been read."""

    __tablename__ = "bookmark"
    name: str = Field(primary_key=True)
    at: float
