"""Count runs and questions by day, and find a pull request's newest run without reading all runs of its repository."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_run_pull_request", table_name="run")
    op.create_index("ix_run_pull_request", "run", ["repository_id", "number", "created_at", "id"])
    op.create_table(
        "work_day",
        sa.Column("repository_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("day", sa.Float(), primary_key=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("runs", "reviews", "questions")),
    )


def downgrade() -> None:
    op.drop_table("work_day")
    op.drop_index("ix_run_pull_request", table_name="run")
    op.create_index("ix_run_pull_request", "run", ["repository_id", "number"])
