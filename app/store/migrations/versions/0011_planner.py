"""Set PostgreSQL's planner up for fast disks. A pooler does not let a connection set this for itself."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# By default it assumes a spinning disk, and scans whole tables where a thousand rows are looked up by key. It also compiles queries that
# would finish in less time than the compilation.
_SETTINGS = (("random_page_cost", "= 1.1"), ("jit", "= off"))
_ROLE = "EXECUTE format('ALTER ROLE %I IN DATABASE %I {change}', current_user, current_database())"


def upgrade() -> None:
    _change([f"SET {name} {value}" for name, value in _SETTINGS])


def downgrade() -> None:
    _change([f"RESET {name}" for name, _ in _SETTINGS])


def _change(changes: list[str]) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    words = "; ".join(_ROLE.format(change=change) for change in changes)
    # A role that may not change itself does without.
    connection.execute(sa.text(f"DO $$ BEGIN {words}; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"))
