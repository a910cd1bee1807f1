"""Consultations, the experts' opinions, the outcomes, and the search index."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _consultation() -> tuple[sa.Column[Any], ...]:
    return (
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "key")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("installation_id", "repository_id")),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("login", "specialist")),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=True),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("answer_id", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("resolved", "score")),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("created_at", "updated_at", "kept_until")),
    )


def upgrade() -> None:
    op.create_table("consultation", *_consultation(), sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("key"))
    op.create_index("ix_consultation_kept_until", "consultation", ["kept_until"])
    op.create_index("ix_consultation_place", "consultation", ["repository_id", "number", "created_at"])
    op.create_index("ix_consultation_month", "consultation", ["repository_id", "created_at"])
    op.create_table(
        "consultation_opinion",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("consultation_id", "seat", "outcome")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("view", "proposed")),
        sa.PrimaryKeyConstraint("consultation_id", "seat"),
    )
    op.create_table(
        "consultation_critique",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("consultation_id", "seat", "title")),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stance", sa.String(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "seat", "title"),
    )
    op.create_table(
        "consultation_outcome",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "consultation_id", "login", "kind")),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consultation_id", "login", "kind"),
    )
    op.create_index("ix_consultation_outcome_consultation_id", "consultation_outcome", ["consultation_id"])
    op.create_table(
        "consultation_term",
        sa.Column("repository_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("repository_id", "term"),
    )
    # We split and stem the words ourselves, so that both databases find the same: see app/store/questions/memory_search.py.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE consultation_words (consultation_id VARCHAR PRIMARY KEY, words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_consultation_words ON consultation_words USING GIN (words)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE consultation_words USING fts5"
            "(consultation_id UNINDEXED, words, tokenize = \"unicode61 remove_diacritics 0 tokenchars '_'\")"
        )


def downgrade() -> None:
    op.execute("DROP TABLE consultation_words")
    for name in ("term", "outcome", "critique", "opinion"):
        op.drop_table(f"consultation_{name}")
    op.drop_table("consultation")
