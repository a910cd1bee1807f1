"""Stores who installed the App, and on which repositories."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import notifications, repository_settings
from app.store.deletion.retention import forget_repositories, repositories_of
from app.store.engine.upsert import insert_or, sql_table
from app.store.repository_settings import of_installation
from app.store.reviews.runs import know_repository
from app.store.security import secrets
from app.store.tables.core import InstallationRow
from webhooks.jobs import InstallationChange, SyncInstallation

_INSTALLATION = sql_table(InstallationRow)


async def apply(connection: AsyncConnection, job: SyncInstallation, now: float) -> None:
    """Record a change. Data of removed repositories is deleted."""
    removed = job.change == InstallationChange.REMOVED
    if removed:
        gone = [repository.id for repository in job.repositories] or await repositories_of(connection, job.installation_id)
        await forget_repositories(connection, gone)
        if job.repositories:
            return
        await repository_settings.forget_level(connection, [of_installation(job.installation_id)])
        await secrets.forget_all(connection, secrets.keys_of(job.installation_id))
        await secrets.forget_all(connection, secrets.channels_of_installation(job.installation_id))
        await notifications.forget_installation(connection, job.installation_id)
    values = {"account": job.account, "suspended": job.change == InstallationChange.SUSPENDED, "removed": removed}
    statement = insert_or(InstallationRow, connection.dialect.name).values(id=job.installation_id, known_since=now, **values)
    # Installed again after a removal, it is known since now: nobody wants reviews of what happened in between.
    since = {"known_since": now} if job.change == InstallationChange.ADDED and not job.repositories else {}
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_={**values, **since}))
    for repository in job.repositories:
        await know_repository(connection, job.installation_id, repository)
