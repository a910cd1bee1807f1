"""The tables of check runs that the pull requests of one commit share."""

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field, SQLModel


def _big() -> Column[int]:
    return Column(BigInteger, primary_key=True, autoincrement=False, nullable=False)


class HeadCheckRow(SQLModel, table=True):
    """The one check run of a repository and head. `remote_id` is "" until GitHub has assigned an id.

    `version` grows with every change of a part. `notes` is a JSON list of digests: the annotations that were sent, in order, or may be on
    their way.
    """

    __tablename__ = "head_check"
    repository_id: int = Field(sa_column=_big())
    head_sha: str = Field(primary_key=True)
    remote_id: str = ""
    url: str = ""
    version: int = 0
    notes: str = Field(default="[]", sa_column=Column(Text, nullable=False))
    created_at: float


class CheckPartRow(SQLModel, table=True):
    """What one pull request reports on the check run of its head. `conclusion` is "" while it is under review.

    `red` stays set until a later review of the same pull request and head ends without a failure. `by_author` marks a skip that the author
    could have caused. `gone` marks a closed pull request. Number 0 is a merge group.
    """

    __tablename__ = "check_part"
    repository_id: int = Field(sa_column=_big())
    head_sha: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    conclusion: str = ""
    title: str = ""
    red: bool = False
    by_author: bool = False
    gone: bool = False
    updated_at: float
