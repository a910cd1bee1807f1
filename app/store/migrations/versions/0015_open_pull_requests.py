"""Find the open pull requests of a repository without reading the closed ones, for the home page."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_pull_request_open ON pull_request (repository_id, number) WHERE open")


def downgrade() -> None:
    op.drop_index("ix_pull_request_open", table_name="pull_request")
