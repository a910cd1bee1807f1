"""The outbox of notifications: the messages of each channel, and how sending them went."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class NotificationRow(SQLModel, table=True):
    """One message for one channel. `key` names its subject and recipient, so that each message exists once.

    `state` is queued, sending, sent, failed, or unknown if the answer was lost. A noted row only records that something was reported this
    month. `message` is "" once it ended. `scope` is that of the channel's secret.
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("key", name="uq_notification_key"),
        Index("ix_notification_channel", "scope", "channel", "created_at"),
        Index("ix_notification_repository", "repository_id"),
    )
    id: str = Field(primary_key=True)
    key: str
    installation_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    repository_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    scope: str
    channel: str
    event: str
    message: str = Field(sa_column=Column(Text, nullable=False))
    private_details: bool = Field(sa_column=Column(Boolean, nullable=False))
    state: str
    error: str
    created_at: float
    ended_at: float | None = None
