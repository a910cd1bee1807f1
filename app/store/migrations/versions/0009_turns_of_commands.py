"""Run the commands of one comment one after the other."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("job") as job:
        job.add_column(sa.Column("lane", sa.String(), nullable=False, server_default=""))
        job.add_column(sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
        job.create_index("ix_job_lane", ["lane"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("job") as job:
        job.drop_index("ix_job_lane")
        job.drop_column("turn")
        job.drop_column("lane")
