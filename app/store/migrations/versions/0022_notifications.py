"""Store the messages of channels, so that each gets a message once, and the result of sending it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("scope", "channel", "event")),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("private_details", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("state", "error")),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.UniqueConstraint("key", name="uq_notification_key"),
    )
    op.create_index("ix_notification_channel", "notification", ["scope", "channel", "created_at"])
    op.create_index("ix_notification_repository", "notification", ["repository_id"])


def downgrade() -> None:
    op.drop_table("notification")
