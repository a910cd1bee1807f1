"""The tables of what an account may use: its plan, and the personal tokens of the HTTP API."""

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel


class PlanRow(SQLModel, table=True):
    """The plan that an account bought on GitHub Marketplace. `changed_at` is GitHub's time, because deliveries come in any order."""

    __tablename__ = "plan"
    account: str = Field(primary_key=True)
    name: str
    changed_at: float


class ApiTokenRow(SQLModel, table=True):
    """A personal token for one repository. `digest` is its SHA-256; the token itself is not stored."""

    __tablename__ = "api_token"
    id: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    name: str
    login: str
    repository: str
    user_id: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    repository_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    installation_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    created_at: float
    expires_at: float
    used_at: float | None = None
