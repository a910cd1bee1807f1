"""Who installed the App, and on which repositories."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.runs import know_repository
from app.store.statements import insert, table
from app.store.tables import InstallationRow, RepositoryRow
from webhooks.jobs import InstallationChange, SyncInstallation

_INSTALLATION, _REPOSITORY = table(InstallationRow), table(RepositoryRow)


async def apply(connection: AsyncConnection, job: SyncInstallation) -> None:
    """Note a change; removing an installation removes its repositories with it."""
    removed = job.change == InstallationChange.REMOVED
    if removed and job.repositories:
        ids = [repository.id for repository in job.repositories]
        await connection.execute(update(_REPOSITORY).where(_REPOSITORY.c.id.in_(ids)).values(removed=True))
        return
    values = {
        "id": job.installation_id,
        "account": job.account,
        "suspended": job.change == InstallationChange.SUSPENDED,
        "removed": removed,
    }
    statement = insert(InstallationRow, connection.dialect.name).values(values)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={name: value for name, value in values.items() if name != "id"})
    )
    if removed:
        await connection.execute(update(_REPOSITORY).where(_REPOSITORY.c.installation_id == job.installation_id).values(removed=True))
    for repository in job.repositories:
        await know_repository(connection, job.installation_id, repository)


async def is_active(connection: AsyncConnection, installation_id: int) -> bool:
    """Whether the installation is neither removed nor suspended; one we never heard of is."""
    row = (await connection.execute(_INSTALLATION.select().where(_INSTALLATION.c.id == installation_id))).first()
    return row is None or not (row.removed or row.suspended)
