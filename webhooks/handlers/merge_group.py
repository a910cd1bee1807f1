"""Handles a group of pull requests in GitHub's merge queue, which waits for the checks of its head."""

from webhooks.delivery import Delivery
from webhooks.jobs import CheckMergeGroup, Job
from webhooks.payload import GitHubPayload, RepositoryEvent


class _MergeGroup(GitHubPayload):
    head_sha: str
    head_ref: str = ""
    base_sha: str
    base_ref: str = ""


class MergeGroupEvent(RepositoryEvent):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group"""

    merge_group: _MergeGroup


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """A check run on the head of the group; a destroyed group needs none."""
    if delivery.action != "checks_requested":
        return ()
    event = MergeGroupEvent.model_validate(delivery.payload)
    group = event.merge_group
    return (
        CheckMergeGroup(
            installation_id=event.installation.id,
            repository=event.repository.ref,
            head_sha=group.head_sha,
            head_ref=group.head_ref,
            base_sha=group.base_sha,
            base_ref=group.base_ref,
        ),
    )
