"""Two people redeem the console's token at the same moment: one of them becomes the admin."""

import asyncio
from pathlib import Path

from app.services import enrolment
from app.services.desk import WebServices
from app.settings import Settings
from app.store.database import Database


async def test_one_of_two_wins(database: Database, tmp_path: Path) -> None:
    desk = WebServices(Settings(data=tmp_path), database)
    async with database.read() as connection:
        token = await enrolment._token(desk, connection)
    assert sorted(await asyncio.gather(*(enrolment.redeem(desk, token) for _ in range(8)))) == [False] * 7 + [True]
    assert not await enrolment.redeem(desk, token)
