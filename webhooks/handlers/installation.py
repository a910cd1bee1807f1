"""Handles an App that was installed, removed, suspended, unsuspended or given more permissions."""

from webhooks.delivery import Delivery
from webhooks.jobs import InstallationChange, Job, SyncInstallation
from webhooks.payload import GitHubPayload, PayloadAccount, PayloadRepository

_CHANGES = {
    "created": InstallationChange.ADDED,
    "deleted": InstallationChange.REMOVED,
    "suspend": InstallationChange.SUSPENDED,
    "unsuspend": InstallationChange.UNSUSPENDED,
    "new_permissions_accepted": InstallationChange.PERMITTED,
}


class _Installation(GitHubPayload):
    id: int
    account: PayloadAccount | None = None


class InstallationEvent(GitHubPayload):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation"""

    action: str
    installation: _Installation
    repositories: tuple[PayloadRepository, ...] = ()


def handle(delivery: Delivery) -> tuple[Job, ...]:
    event = InstallationEvent.model_validate(delivery.payload)
    change = _CHANGES.get(event.action)
    if change is None:
        return ()
    return (
        SyncInstallation(
            installation_id=event.installation.id,
            account=event.installation.account.login if event.installation.account else "",
            change=change,
            repositories=tuple(repository.ref for repository in event.repositories) if change == InstallationChange.ADDED else (),
            guid=delivery.guid,
        ),
    )
