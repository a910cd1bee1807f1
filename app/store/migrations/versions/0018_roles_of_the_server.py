"""Tell admins of this server from auditors, who only read."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("admin", sa.Column("role", sa.String(), nullable=False, server_default="admin"))
    op.add_column("session", sa.Column("auditor", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("session", "auditor")
    op.drop_column("admin", "role")
