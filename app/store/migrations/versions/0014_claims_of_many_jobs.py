"""Find due jobs among 100,000: an index of the waiting reviews, by installation, and one of all other waiting jobs."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_job_review_due ON job (installation_id, run_at, id) WHERE state = 'queued' AND kind = 'review'")
    op.execute("CREATE INDEX ix_job_other_due ON job (state, (CASE kind WHEN 'review' THEN 1 ELSE 0 END), run_at)")
    op.execute("CREATE INDEX ix_job_laned ON job (lane, created_at) WHERE lane <> ''")
    op.execute("CREATE INDEX ix_job_lease ON job (lease_until) WHERE state = 'running'")


def downgrade() -> None:
    for name in ("ix_job_lease", "ix_job_laned", "ix_job_other_due", "ix_job_review_due"):
        op.drop_index(name, table_name="job")
