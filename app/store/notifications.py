"""Queries on notifications: the channels, their messages, and how sending them went."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.security.secrets import channels_of_installation, channels_of_repository
from app.store.tables.core import InstallationRow, RepositoryRow
from app.store.tables.notifications import NotificationRow
from app.store.tables.pages import SecretRow

_NOTIFICATION, _SECRET, _INSTALLATION, _REPOSITORY = (
    sql_table(row) for row in (NotificationRow, SecretRow, InstallationRow, RepositoryRow)
)
QUEUED, SENDING, SENT, FAILED, UNKNOWN = "queued", "sending", "sent", "failed", "unknown"
_NOTED = "noted"
_WEEK = 7 * 24 * 3600.0
_LONGEST_ERROR = 300


@dataclass(frozen=True)
class ChannelPlace:
    """A channel, by the scope of its secret and its kind."""

    scope: str
    kind: str


@dataclass(frozen=True)
class QueuedNotification:
    """A message for a channel. `about` names its subject, which is the same for all channels. `message` is JSON of ours."""

    id: str
    about: str
    place: ChannelPlace
    installation_id: int
    repository_id: int
    event: str
    message: str
    private_details: bool


@dataclass(frozen=True)
class LastMessage:
    """How the newest message of a channel ended. `error` is "" if it was sent, `at` is the time."""

    state: str
    error: str
    at: float


@dataclass(frozen=True)
class FailingChannel:
    """A channel whose newest message did not arrive. `owner` is the account or repository it belongs to."""

    owner: str
    kind: str
    error: str
    at: float


async def channels_for(connection: AsyncConnection, installation_id: int, repository_id: int) -> tuple[ChannelPlace, ...]:
    """Where a repository's notifications go: its own channels, and the organization's channels of other kinds."""
    own, above = channels_of_repository(repository_id), channels_of_installation(installation_id)
    rows = await connection.execute(select(_SECRET.c.scope, _SECRET.c.name).where(_SECRET.c.scope.in_([own, above])))
    places = sorted((ChannelPlace(row.scope, row.name) for row in rows), key=lambda place: place.scope != own)
    return tuple({place.kind: place for place in reversed(places)}.values())


async def note_once(connection: AsyncConnection, key: str, installation_id: int, repository_id: int, now: float) -> bool:
    """Record that something is reported now. Returns False if it was reported before."""
    values = _values(key, key, ChannelPlace("", ""), (installation_id, repository_id), now)
    statement = insert_or(NotificationRow, connection.dialect.name).values(
        **values, event="", message="", private_details=False, state=_NOTED
    )
    return bool((await connection.execute(statement.on_conflict_do_nothing())).rowcount)


async def queue_notification(connection: AsyncConnection, wanted: Sequence[QueuedNotification], now: float) -> tuple[str, ...]:
    """Write messages to the outbox. Returns the ids of the new ones: each channel gets a message once."""
    new = []
    for notification in wanted:
        key = f"{notification.about}:{notification.place.scope}:{notification.place.kind}"
        values = _values(notification.id, key, notification.place, (notification.installation_id, notification.repository_id), now)
        more = {
            "event": notification.event,
            "message": notification.message,
            "private_details": notification.private_details,
            "state": QUEUED,
        }
        statement = insert_or(NotificationRow, connection.dialect.name).values(**values, **more)
        if (await connection.execute(statement.on_conflict_do_nothing())).rowcount:
            new.append(notification.id)
    return tuple(new)


def _values(row_id: str, key: str, place: ChannelPlace, whose: tuple[int, int], now: float) -> dict[str, object]:
    ids = {"installation_id": whose[0], "repository_id": whose[1]}
    return {"id": row_id, "key": key, **ids, "scope": place.scope, "channel": place.kind, "error": "", "created_at": now}


@dataclass(frozen=True)
class Outgoing:
    """A message being sent. `was_sending` is whether an earlier attempt started sending it and did not report back."""

    place: ChannelPlace
    message: str
    private_details: bool
    created_at: float
    was_sending: bool


async def begin_sending(connection: AsyncConnection, notification_id: str) -> Outgoing | None:
    """Record that a message is about to be sent. Returns None if it ended or was deleted."""
    row = (await connection.execute(select(_NOTIFICATION).where(_NOTIFICATION.c.id == notification_id).with_for_update())).first()
    if row is None or row.state not in {QUEUED, SENDING}:
        return None
    await connection.execute(update(_NOTIFICATION).where(_NOTIFICATION.c.id == notification_id).values(state=SENDING))
    place = ChannelPlace(row.scope, row.channel)
    return Outgoing(place, row.message, row.private_details, row.created_at, row.state == SENDING)


async def put_back(connection: AsyncConnection, notification_id: str, error: str) -> None:
    """Record that a message was not sent and will be sent later."""
    values = {"state": QUEUED, "error": error[:_LONGEST_ERROR]}
    await connection.execute(update(_NOTIFICATION).where(_NOTIFICATION.c.id == notification_id).values(values))


async def end_sending(connection: AsyncConnection, notification_id: str, state: str, error: str, now: float) -> None:
    """Record how it went, and delete the text."""
    values = {"state": state, "error": error[:_LONGEST_ERROR], "message": "", "ended_at": now}
    await connection.execute(update(_NOTIFICATION).where(_NOTIFICATION.c.id == notification_id).values(values))


async def last_messages(connection: AsyncConnection, scope: str) -> dict[str, LastMessage]:
    """How the newest message of each channel of a scope went, by kind."""
    newest = (
        select(_NOTIFICATION.c.channel, func.max(_NOTIFICATION.c.created_at).label("at"))
        .where(_NOTIFICATION.c.scope == scope)
        .group_by(_NOTIFICATION.c.channel)
        .subquery()
    )
    same = (_NOTIFICATION.c.channel == newest.c.channel) & (_NOTIFICATION.c.created_at == newest.c.at)
    rows = await connection.execute(select(_NOTIFICATION).join(newest, same).where(_NOTIFICATION.c.scope == scope))
    return {row.channel: LastMessage(row.state, row.error, row.ended_at or row.created_at) for row in rows}


async def failing_channels(connection: AsyncConnection, now: float) -> list[FailingChannel]:
    """Channels whose newest message in the last week did not arrive."""
    recent = select(_NOTIFICATION.c.scope).where(_NOTIFICATION.c.state.in_([FAILED, UNKNOWN]), _NOTIFICATION.c.created_at > now - _WEEK)
    scopes = sorted(set((await connection.execute(recent.distinct().limit(50))).scalars()))
    failing = []
    for scope in scopes:
        owner = await _owner(connection, scope)
        for kind, last in (await last_messages(connection, scope)).items():
            if last.error and last.state != SENT:
                failing.append(FailingChannel(owner, kind, last.error, last.at))
    return failing


async def _owner(connection: AsyncConnection, scope: str) -> str:
    """Whose channels a scope holds: an account, or a repository by its name."""
    kind, _, number = scope.partition("/")[0].partition(":")
    rows, name = (_INSTALLATION, _INSTALLATION.c.account) if kind == "installation" else (_REPOSITORY, _REPOSITORY.c.full_name)
    found: str | None = (await connection.execute(select(name).where(rows.c.id == int(number)))).scalar()
    return found or scope


async def count_by_channel(connection: AsyncConnection) -> dict[tuple[str, str], int]:
    """How many messages there are, by kind of channel and state."""
    query = select(_NOTIFICATION.c.channel, _NOTIFICATION.c.state, func.count().label("number")).where(_NOTIFICATION.c.channel != "")
    rows = await connection.execute(query.group_by(_NOTIFICATION.c.channel, _NOTIFICATION.c.state))
    return {(row.channel, row.state): row.number for row in rows}


async def last_test(connection: AsyncConnection, place: ChannelPlace) -> float:
    """When a channel's last test message was requested, 0 for never."""
    mine = (_NOTIFICATION.c.scope == place.scope, _NOTIFICATION.c.channel == place.kind, _NOTIFICATION.c.event == "test")
    return (await connection.execute(select(func.max(_NOTIFICATION.c.created_at)).where(*mine))).scalar() or 0.0


async def forget_installation(connection: AsyncConnection, installation_id: int) -> None:
    """Delete the messages of an installation's channels."""
    await connection.execute(delete(_NOTIFICATION).where(_NOTIFICATION.c.installation_id == installation_id))
