"""Run a migration on the connection that `Database.migrate` passes."""

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

from app.store.tables import access as _access_tables  # noqa: F401 — fills the metadata
from app.store.tables import checks as _check_tables  # noqa: F401
from app.store.tables import consultations as _memory_tables  # noqa: F401
from app.store.tables import core as _tables  # noqa: F401
from app.store.tables import decisions as _decisions  # noqa: F401
from app.store.tables import github_api as _api_tables  # noqa: F401
from app.store.tables import notifications as _notification_tables  # noqa: F401
from app.store.tables import pages as _web_tables  # noqa: F401

_LOCK = 0x636F756E63696C  # "council"; any number that no one else uses


def run() -> None:
    connection = context.config.attributes["connection"]
    # Web and worker start together and both migrate: use one transaction for everything, on SQLite too, whose DDL Alembic would otherwise
    # commit step by step. It begins IMMEDIATE (see database.py), so the second process waits and then finds the work done.
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        context.run_migrations()
    connection.commit()


run()
