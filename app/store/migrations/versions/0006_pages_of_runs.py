"""For the pages of runs: a short row per run, its words, plans and tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEYS = "id, key, job_id, installation_id, repository_id, repository, number, head_sha, trigger, cause, login, state, reason"
_TEXTS = "snapshot, config, problems, selection, verdict"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _slim_first()
    else:
        for name in ("title", "author", "headline"):
            op.add_column("run", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index("ix_run_list", "run", ["repository_id", "created_at", "id", "state", "cause", "author"])
    _words()
    op.create_table(
        "plan",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "api_token",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "digest", "name", "login", "repository")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("user_id", "repository_id", "installation_id")),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("used_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_api_token_user_id", "api_token", ["user_id"])


def _slim_first() -> None:
    """SQLite reads a row's columns in order: a list's columns must not come after a megabyte of snapshot."""
    for name in ("ix_run_job_id", "ix_run_pull_request", "ix_run_state"):
        op.drop_index(name, "run")
    op.rename_table("run", "run_before")
    op.create_table(
        "run",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "key", "job_id")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("installation_id", "repository_id")),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("head_sha", "trigger", "cause", "login", "state", "reason")),
        *(sa.Column(name, sa.String(), nullable=False, server_default="") for name in ("title", "author", "headline")),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("created_at", "updated_at")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in _TEXTS.split(", ")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    columns = f"{_KEYS}, created_at, updated_at, {_TEXTS}"
    op.execute(f"INSERT INTO run ({columns}) SELECT {columns} FROM run_before")  # noqa: S608 — names of ours
    op.drop_table("run_before")
    op.create_index("ix_run_job_id", "run", ["job_id"])
    op.create_index("ix_run_pull_request", "run", ["repository_id", "number"])
    op.create_index("ix_run_state", "run", ["state", "updated_at"])


def _words() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE run_words (run_id TEXT PRIMARY KEY, at DOUBLE PRECISION NOT NULL, words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_run_words ON run_words USING GIN (words)")
        op.execute("CREATE INDEX ix_run_words_at ON run_words (at)")
    else:
        op.execute("CREATE VIRTUAL TABLE run_words USING fts5(run_id UNINDEXED, words, tokenize = \"unicode61 tokenchars '_'\")")


def downgrade() -> None:
    op.drop_table("api_token")
    op.drop_table("plan")
    op.execute("DROP TABLE run_words")
    op.drop_index("ix_run_list", "run")
    with op.batch_alter_table("run") as batch:
        for name in ("title", "author", "headline"):
            batch.drop_column(name)
