"""Give an instance its own caps and pause, and count paid commands by account."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# A database with a row in one of these tables has been in use, without caps for the whole instance.
_USED = ("installation", "delivery", "ledger", "job", "secret")


def upgrade() -> None:
    instance = op.create_table(
        "instance",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("capped", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("paused_by", sa.String(), nullable=False),
        sa.Column("paused_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    connection = op.get_bind()
    used = any(connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first() for name in _USED)
    op.bulk_insert(instance, [{"id": 1, "capped": not used, "paused": False, "paused_by": "", "paused_at": 0.0}])
    with op.batch_alter_table("command_use") as command_use:
        command_use.add_column(sa.Column("account_id", sa.BigInteger(), nullable=False, server_default="0"))
        command_use.create_index("ix_command_use_at", ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("command_use") as command_use:
        command_use.drop_index("ix_command_use_at")
        command_use.drop_column("account_id")
    op.drop_table("instance")
