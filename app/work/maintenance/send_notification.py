"""Sends a notification: once if the channel cannot detect a repetition, and with retries if it can."""

from contextlib import suppress

import structlog

from app.errors import CouncilError, UserError
from app.github.visibility import is_private
from app.notifications.channel import ChannelKind
from app.notifications.channel_store import Channels
from app.notifications.delivering import Envelope, Outlets
from app.notifications.notification import Notification
from app.notifications.outbound import ChannelRefused, MaybeSent, NotSent, OutboundGuard
from app.services.worker import WorkerServices
from app.store import notifications
from app.store.notifications import FAILED, SENT, UNKNOWN, Outgoing
from app.store.queue.jobs import MOST_FAILURES, LeasedJob, require_lease
from app.store.tables.core import JobState
from webhooks.jobs import SendNotification

log = structlog.get_logger(__name__)

# Seconds before the next attempt, by the number of attempts so far.
_WAITS = (30.0, 300.0, 1_800.0)
_LOST = "it may have arrived; the response was lost, so it is not sent again"


async def run(services: WorkerServices, claim: LeasedJob[SendNotification]) -> JobState:
    """The job: send a message and record the result. A channel that does not work does not fail the job."""
    job = claim.job
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        outgoing = await notifications.begin_sending(connection, job.notification_id)
    if outgoing is None:
        return JobState.SKIPPED
    kind = ChannelKind(outgoing.place.kind)
    if outgoing.was_sending and not kind.is_repeatable:
        return await _end(services, claim, UNKNOWN, _LOST)
    services.failpoint("notification begun")
    try:
        await _send(services, claim, kind, outgoing)
    except UserError as error:
        return await _end(services, claim, FAILED, str(error))
    except MaybeSent as error:
        if not kind.is_repeatable:
            return await _end(services, claim, UNKNOWN, f"{error}; {_LOST}")
        return await _again(services, claim, error)
    except NotSent as error:
        return await _again(services, claim, error)
    services.failpoint("notification sent")
    return await _end(services, claim, SENT, "")


async def _send(services: WorkerServices, claim: LeasedJob[SendNotification], kind: ChannelKind, outgoing: Outgoing) -> None:
    settings, job = services.settings, claim.job
    target = await Channels(settings, services.database, lambda: services.vault, outgoing.place.scope).open(kind)
    if target is None:
        raise ChannelRefused("The channel was removed before the message was sent.")
    await services.hide(frozenset(target.secrets))
    notification = Notification.model_validate_json(outgoing.message)
    if notification.details and not outgoing.private_details and await _is_private(services, claim):
        notification = notification.without_details()
    outlets = Outlets(settings.mail, OutboundGuard(settings.internal_hosts))
    envelope = Envelope(job.notification_id, outgoing.created_at, services.clock())
    await outlets.deliver(kind, target, _cleaned(services, notification), envelope)


async def _is_private(services: WorkerServices, claim: LeasedJob[SendNotification]) -> bool:
    """Whether the repository is private now. If GitHub does not answer, it counts as private."""
    job = claim.job
    if job.repository is None:
        return False
    with suppress(CouncilError):
        async with services.github_for(claim) as github:
            return await is_private(github, job.repository.full_name)
    return True


def _cleaned(services: WorkerServices, notification: Notification) -> Notification:
    """The same message without our own secrets, whatever a model wrote."""
    texts = {name: services.clean(getattr(notification, name)) for name in ("headline", "title")}
    return notification.model_copy(update={**texts, "details": tuple(services.clean(line) for line in notification.details)})


async def _again(services: WorkerServices, claim: LeasedJob[SendNotification], error: NotSent | MaybeSent) -> JobState:
    """Postpone the message in the queue, or give it up."""
    job = claim.job
    if claim.attempt >= MOST_FAILURES:
        return await _end(services, claim, FAILED, f"{error}; failed after {claim.attempt} attempts")
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        await notifications.put_back(connection, job.notification_id, str(error))
    wait = _WAITS[min(claim.attempt, len(_WAITS)) - 1]
    error.retry_after = max(wait, error.retry_after or 0.0)
    raise error


async def _end(services: WorkerServices, claim: LeasedJob[SendNotification], state: str, error: str) -> JobState:
    job = claim.job
    if error:
        log.warning("a notification could not be sent", notification=job.notification_id, state=state, error=error)
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        await notifications.end_sending(connection, job.notification_id, state, services.clean(error), services.clock())
    return JobState.DONE


async def give_up(services: WorkerServices, claim: LeasedJob[SendNotification], reason: str) -> None:
    """Record that a message was given up because its worker crashed repeatedly."""
    await _end(services, claim, FAILED, reason)
