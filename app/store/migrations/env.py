"""Run a migration on the connection that `Database.migrate` hands over."""

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

from app.store import tables as _tables  # noqa: F401 — fills the metadata

_LOCK = 0x636F756E63696C  # "council"; any number no one else uses


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        context.run_migrations()
    connection.commit()


run()
