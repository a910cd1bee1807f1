"""Two people redeem the console's token at the same moment: one of them becomes the admin."""

import asyncio
from pathlib import Path

from app.configuration.settings import Settings
from app.services.web import WebServices
from app.store.engine.database import Database
from app.web import admin_token


async def test_one_of_two_wins(database: Database, tmp_path: Path) -> None:
    desk = WebServices(Settings(data=tmp_path), database)
    async with database.read() as connection:
        token = await admin_token._token(desk, connection)
    assert sorted(await asyncio.gather(*(admin_token.redeem(desk, token) for _ in range(8)))) == [False] * 7 + [True]
    assert not await admin_token.redeem(desk, token)
