"""Store the score that a finding was ranked by, so that a repository can have its own calibration table."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("finding", "outcome"):
        op.add_column(name, sa.Column("score", sa.Float(), nullable=True))


def downgrade() -> None:
    for name in ("outcome", "finding"):
        op.drop_column(name, "score")
