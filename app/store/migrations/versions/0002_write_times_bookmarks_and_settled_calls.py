"""Write times, bookmarks, and the result of each model call."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "github_write",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_github_write_installation", "github_write", ["installation_id", "at"], unique=False)
    op.create_table(
        "bookmark",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        for name in ("provider", "model", "fault"):
            batch_op.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("settled_at", sa.Float(), nullable=True))
        batch_op.create_index("ix_ledger_in_flight", ["settled_at", "provider"], unique=False)
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("company", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("blame", sa.Float(), nullable=False, server_default="0"))
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known_since", sa.Float(), nullable=False, server_default="0"))
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index("ix_run_state", ["state", "updated_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_index("ix_run_state")
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.drop_column("known_since")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_column("blame")
        batch_op.drop_column("company")
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_in_flight")
        for name in ("settled_at", "fault", "model", "provider"):
            batch_op.drop_column(name)
    op.drop_table("bookmark")
    op.drop_table("github_write")
