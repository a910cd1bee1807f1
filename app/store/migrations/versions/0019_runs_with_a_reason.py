"""Find what GitHub refused in the last week among 100,000 runs: an index of the runs that have a reason."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_run_reason ON run (updated_at) WHERE reason <> ''")


def downgrade() -> None:
    op.drop_index("ix_run_reason", table_name="run")
