"""The console's one-time token: whoever redeems it runs this server."""

import hmac
import sys

from sqlalchemy.ext.asyncio import AsyncConnection

from app.services.desk import Desk
from app.store import secrets, sessions

_REDEEMED = "console"


async def tell_console(desk: Desk) -> None:
    """Print the address that makes an instance admin, as long as there is none."""
    async with desk.database.read() as connection:
        if await sessions.has_admin(connection):
            return
        token = await _token(desk, connection)
    place = desk.settings.public_url or f"http://{desk.settings.host}:{desk.settings.port}"
    # Said on the console and not in the log, which more people read.
    sys.stderr.write(f"To set this server up, open {place}/setup?token={token}\n")
    sys.stderr.flush()


async def redeem(desk: Desk, token: str) -> bool:
    """Whether this was the token; it is good once, and a restart prints another while nobody is admin."""
    async with desk.database.write() as connection:
        right = hmac.compare_digest((await _token(desk, connection)).encode(), token.encode())
        if not right or await sessions.has_admin(connection):
            return False
        await secrets.mark(connection, _REDEEMED, token[:8], desk.clock())
    return True


async def _token(desk: Desk, connection: AsyncConnection) -> str:
    """The token that waits to be redeemed: the same one after a restart, and for every web process."""
    used = len(await secrets.shown(connection, _REDEEMED))
    return desk.vault.derived(f"console token {used}")
