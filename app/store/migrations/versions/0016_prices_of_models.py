"""Store what the settings page shows of a model: its price per token, its context window, and whether it is in the pool."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (("input_usd", sa.Float()), ("output_usd", sa.Float()), ("context", sa.Integer())):
        op.add_column("typical_cost", sa.Column(name, kind, nullable=True))
    op.add_column("typical_cost", sa.Column("pooled", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in ("pooled", "context", "output_usd", "input_usd"):
        op.drop_column("typical_cost", name)
