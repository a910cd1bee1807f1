"""A paid command is counted where it is given, up to the limit of the day, and none is taken while the server is paused."""

import pytest

from app.authorization.daily_command_limit import day_of, take_turn
from app.configuration.settings import Settings
from app.errors import LimitReached, Paused
from app.store import instance
from app.store.command_uses import CommandUse
from app.store.engine.database import Database

NOW, DAY = 1_800_000_000.0, 86_400.0


async def _take(database: Database, job_id: str, login: str = "ada", at: float = NOW, most: int = 2) -> None:
    async with database.write() as connection:
        await take_turn(connection, Settings(paid_commands_a_day=most), CommandUse(job_id, 1, login, "review", paid=True), at)


async def test_a_person_has_so_many_turns_a_day(database: Database) -> None:
    for job_id in ("a", "b"):
        await _take(database, job_id)
    with pytest.raises(LimitReached, match="2 paid commands"):
        await _take(database, "c")
    # One that was counted is not refused when it is tried again. Others have their own turns, as have other days.
    await _take(database, "b", most=1)
    await _take(database, "d", "ben")
    await _take(database, "e", at=day_of(NOW) + DAY)


async def test_no_turn_is_taken_while_the_server_is_paused(database: Database) -> None:
    async with database.write() as connection:
        await instance.pause_instance(connection, "mia", NOW)
    with pytest.raises(Paused):
        await _take(database, "a")
    async with database.write() as connection:
        await instance.resume_instance(connection, NOW)
    for job_id in ("a", "b"):
        await _take(database, job_id)


def test_a_day_begins_at_midnight_utc() -> None:
    assert day_of(NOW) == NOW // DAY * DAY
    assert day_of(day_of(NOW)) == day_of(day_of(NOW) + DAY - 1) == day_of(NOW)
