"""Issues the console's one-time token. The person who redeems it becomes the admin of this server."""

import hmac
import os
import sys
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from app.services.web import WebServices
from app.store.security import secrets, sessions

log = structlog.get_logger(__name__)

_REDEEMED = "console"
_FILE = "setup-address"


async def tell_console(services: WebServices, *, is_log: bool = False) -> None:
    """Print the address that makes an instance admin, until there is one. In a log (`is_log`), name the file that holds it."""
    file = services.settings.data / _FILE
    async with services.database.read() as connection:
        if await sessions.has_admin(connection):
            file.unlink(missing_ok=True)
            return
        token = await _token(services, connection)
    place = services.settings.public_url or f"http://{services.settings.host}:{services.settings.port}"
    address = f"{place}/setup?token={token}\n"
    if not is_log:
        sys.stderr.write(f"To set this server up, open {address}")
        sys.stderr.flush()
        return
    # More people may read a log than may manage this server.
    _write_privately(file, address)
    log.warning("this server is not set up yet: open the address in the file", file=str(file))


def _write_privately(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)


async def redeem(services: WebServices, token: str) -> bool:
    """Redeem the token. It is valid once; a restart prints another until there is an admin."""
    async with services.database.write() as connection:
        right = hmac.compare_digest((await _token(services, connection)).encode(), token.encode())
        if not right or await sessions.has_admin(connection):
            return False
        if not await secrets.mark_once(connection, _REDEEMED, token[:8], services.clock()):
            # Another person redeemed it at the same moment.
            return False
    (services.settings.data / _FILE).unlink(missing_ok=True)
    return True


async def _token(services: WebServices, connection: AsyncConnection) -> str:
    """The token waiting to be redeemed, the same after a restart and for every web process."""
    used = len(await secrets.list_secrets(connection, _REDEEMED))
    return services.vault.derived(f"console token {used}")
