"""Keep pages fast with many runs stored: indexes, and costs summed by day."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_run_by_state", "run", ["repository_id", "state", "created_at", "id"]),
    ("ix_run_by_author", "run", ["repository_id", "author", "created_at", "id"]),
    ("ix_run_by_cause", "run", ["repository_id", "cause", "created_at", "id"]),
    ("ix_job_kind", "job", ["kind", "state"]),
    ("ix_job_finished_at", "job", ["finished_at"]),
    ("ix_ledger_created_at", "ledger", ["created_at"]),
    ("ix_outcome_at", "outcome", ["repository_id", "at"]),
)
_FULL = "snapshot IS NOT NULL OR verdict IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "spending_day",
        sa.Column("repository_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Float(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("usd", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("repository_id", "day", "model", "fault"),
    )
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)
    op.create_index("ix_run_full", "run", ["repository_id"], sqlite_where=sa.text(_FULL), postgresql_where=sa.text(_FULL))
    # A chart counts along the index alone.
    op.drop_index("ix_red_check_repository", "red_check")
    op.create_index("ix_red_check_repository", "red_check", ["repository_id", "at", "cause", "red_before"])


def downgrade() -> None:
    op.drop_index("ix_red_check_repository", "red_check")
    op.create_index("ix_red_check_repository", "red_check", ["repository_id", "at"])
    op.drop_index("ix_run_full", "run")
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table)
    op.drop_table("spending_day")
