"""Limits a person's paid commands per day, counted over comments, pages, the HTTP API, re-runs and MCP."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.configuration.settings import Settings
from app.errors import LimitReached
from app.store import command_uses, instance
from app.store.command_uses import CommandUse, UsesToday


@dataclass(frozen=True)
class Asker:
    """The person who requests something paid. `account_id` is GitHub's, 0 if only the login is known."""

    login: str
    account_id: int = 0


async def take_turn(connection: AsyncConnection, settings: Settings, use: CommandUse, now: float) -> None:
    """Count a paid command in the transaction that queues it.

    Raises Paused or LimitReached. The job with the same id is not counted again.
    """
    await instance.require_running(connection)
    had = await command_uses.uses_today(connection, use, day_of(now))
    if line := paid_line(settings, had):
        raise LimitReached(line)
    await command_uses.note_use(connection, use, False, now)


def paid_line(settings: Settings, had: UsesToday) -> str:
    """The sentence for a person who reached the daily limit of paid commands, or ""."""
    most = settings.paid_commands_a_day
    if had.allowed or had.paid < most:
        return ""
    return (
        f"You have reached the limit of {most:,} paid command{'' if most == 1 else 's'} per person and day in all repositories. "
        "It resets at 00:00 UTC; an admin of this server can raise it (`PAID_COMMANDS_A_DAY`)."
    )


def day_of(now: float) -> float:
    """The first moment of a time's day, UTC."""
    return datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
