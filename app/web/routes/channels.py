"""Set, remove and test notification channels. The address of a channel is never shown again."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.errors import UserError
from app.github.permissions import Permission
from app.notifications.channel import ChannelKind
from app.notifications.channel_store import Channels
from app.notifications.notification import TEST, Notification
from app.store import notifications
from app.store.notifications import ChannelPlace, QueuedNotification
from app.store.queue.deliveries import insert_jobs
from app.store.security import audit, secrets
from app.web.errors import Hidden, NotAllowed
from app.web.routes.settings import SettingsScope, organisation_place, repository_place, settings_page
from app.web.security import SubmittedForm
from app.web.viewer import SignedIn, Viewer
from app.web.views.channels import channel_facts, channels_of
from webhooks.jobs import SendNotification

router = APIRouter()
_SECONDS_BETWEEN_TESTS = 60.0


@router.post("/repos/{owner}/{name}/channels/{kind}")
async def change_repository_channel(request: Request, viewer: SignedIn, owner: str, name: str, kind: str) -> Response:
    """Set, remove or test a channel of a repository."""
    await viewer.repository(f"{owner}/{name}", Permission.ADMIN)
    form = await viewer.form(request)
    return await _change(request, viewer, await repository_place(viewer, f"{owner}/{name}"), (kind, form))


@router.post("/installations/{installation_id:int}/channels/{kind}")
async def change_organisation_channel(request: Request, viewer: SignedIn, installation_id: int, kind: str) -> Response:
    """Set, remove or test a channel of an organization."""
    place = await organisation_place(viewer, installation_id)
    if not place.may_change:
        raise NotAllowed("Only people who administer every repository of this installation can change this.")
    return await _change(request, viewer, place, (kind, await viewer.form(request)))


async def _change(request: Request, viewer: Viewer, place: SettingsScope, sent: tuple[str, SubmittedForm]) -> Response:
    name, form = sent
    if name not in set(ChannelKind):
        raise Hidden
    kind, channels = ChannelKind(name), channels_of(viewer.services, place)
    try:
        if "test" in form:
            return await _test(viewer, place, channels, kind)
        if "remove" in form:
            return await _remove(viewer, place, channels, kind)
        return await _set(request, viewer, place, (channels, kind, form["target"]))
    except UserError as error:
        problem = {"channel_problem": f"{kind.label}: {error}"}
        return await settings_page(request, viewer, place, **{**await channel_facts(viewer.services, place), **problem})


async def _set(request: Request, viewer: Viewer, place: SettingsScope, entered: tuple[Channels, ChannelKind, str]) -> Response:
    channels, kind, text = entered
    secret, target = channels.enter(kind, text)
    services = viewer.services
    async with services.database.write() as connection:
        await secrets.save_secret(connection, services.vault, secret, viewer.login, services.clock())
        event = audit.Event(services.clock(), viewer.login, viewer.address, "channel set", place.title, f"{kind}: {target.hint}")
        await audit.record_event(connection, event)
    if not target.secret:
        return _back(place, "set")
    # The secret is shown only this once. The receiver verifies signatures with it.
    facts = {**await channel_facts(services, place, "set"), "channel_secret": target.secret}
    return await settings_page(request, viewer, place, **facts)


async def _remove(viewer: Viewer, place: SettingsScope, channels: Channels, kind: ChannelKind) -> Response:
    services = viewer.services
    async with services.database.write() as connection:
        await secrets.forget_secret(connection, channels.scope, kind.value)
        event = audit.Event(services.clock(), viewer.login, viewer.address, "channel removed", place.title, kind.value)
        await audit.record_event(connection, event)
    return _back(place, "removed")


async def _test(viewer: Viewer, place: SettingsScope, channels: Channels, kind: ChannelKind) -> Response:
    """Queue a test message, which is sent like every other message."""
    services, now = viewer.services, viewer.services.clock()
    channel, installation_id = ChannelPlace(channels.scope, kind.value), _installation_of(place)
    message = Notification(
        event=TEST,
        repository=place.title,
        headline="test message",
        details=("This channel works.",),
        url=services.settings.public_url or services.settings.github_web_url,
    )
    row = QueuedNotification(
        services.new_id(), f"test:{services.new_id()}", channel, installation_id, 0, TEST, message.model_dump_json(), private_details=True
    )
    async with services.database.write() as connection:
        if kind.value not in {secret.name for secret in await secrets.list_secrets(connection, channels.scope)}:
            raise UserError("This channel is not set here. Set it first.")
        if now - await notifications.last_test(connection, channel) < _SECONDS_BETWEEN_TESTS:
            raise UserError("A test message was sent less than a minute ago. Wait a little.")
        await notifications.queue_notification(connection, [row], now)
        job = SendNotification(installation_id=installation_id, notification_id=row.id)
        await insert_jobs(connection, [(services.new_id(), job, now)], now)
        event = audit.Event(now, viewer.login, viewer.address, "test message sent", place.title, kind.value)
        await audit.record_event(connection, event)
    return _back(place, "test")


def _installation_of(place: SettingsScope) -> int:
    scope = place.above or place.scope
    return int(scope.partition(":")[2])


def _back(place: SettingsScope, done: str) -> Response:
    return RedirectResponse(f"{place.path}?channel={done}#channels", 303)
