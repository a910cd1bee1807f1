"""Handles repositories that were added to an installation, or removed from it."""

from webhooks.delivery import Delivery
from webhooks.jobs import InstallationChange, Job, RepositoryRef, SyncInstallation
from webhooks.payload import GitHubPayload, PayloadAccount, PayloadRepository


class _Installation(GitHubPayload):
    id: int
    account: PayloadAccount | None = None


class InstallationRepositoriesEvent(GitHubPayload):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation_repositories"""

    action: str
    installation: _Installation
    repositories_added: tuple[PayloadRepository, ...] = ()
    repositories_removed: tuple[PayloadRepository, ...] = ()


def handle(delivery: Delivery) -> tuple[Job, ...]:
    event = InstallationRepositoriesEvent.model_validate(delivery.payload)
    account = event.installation.account.login if event.installation.account else ""

    def change(change: InstallationChange, repositories: tuple[PayloadRepository, ...]) -> SyncInstallation:
        refs: tuple[RepositoryRef, ...] = tuple(repository.ref for repository in repositories)
        return SyncInstallation(
            installation_id=event.installation.id,
            account=account,
            change=change,
            repositories=refs,
            guid=f"{delivery.guid}:{change}",
        )

    jobs: list[Job] = []
    if event.repositories_added:
        jobs.append(change(InstallationChange.ADDED, event.repositories_added))
    if event.repositories_removed:
        jobs.append(change(InstallationChange.REMOVED, event.repositories_removed))
    return tuple(jobs)
