"""Store the trace of a job, so that a worker continues the one that the web process began."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("trace", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("job", "trace")
