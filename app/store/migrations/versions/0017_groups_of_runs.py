"""Store the labels and requested teams of each run, by which costs are grouped."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_group",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "kind", "name"),
    )
    op.create_index("ix_run_group_repository", "run_group", ["repository_id"])


def downgrade() -> None:
    op.drop_index("ix_run_group_repository", "run_group")
    op.drop_table("run_group")
