"""Issues personal tokens and looks up their holders. Permissions come from GitHub, at most 60 seconds old."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from app.authorization.daily_command_limit import Asker
from app.clock import new_id
from app.github.permissions import Permission
from app.store.engine.database import Database
from app.store.security import api_tokens
from app.store.security.api_tokens import Token
from webhooks.jobs import RepositoryRef

PREFIX = "council_"
LIFE_DAYS = 90
_DAY_SECONDS = 86_400.0
FRESH_SECONDS = 60.0
# The permission of the token's account in its repository, and its current login, requested as the App.
Ask = Callable[[Token], Awaitable[tuple[Permission, str]]]


def digest_of(secret: str) -> str:
    """What is stored of a token. Its 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Tokens:
    """The tokens of this server."""

    database: Database
    clock: Callable[[], float]
    ask: Ask
    _known: dict[str, tuple[float, Permission, str]] = field(default_factory=dict)

    async def holder(self, secret: str) -> Token | None:
        """The holder of a token, if it is valid and the account, under any login, still has write access to its repository."""
        if not secret.startswith(PREFIX) or len(secret) > 200:
            return None
        now = self.clock()
        async with self.database.read() as connection:
            token = await api_tokens.find(connection, digest_of(secret), now)
        if token is None:
            return None
        permission, login = await self._standing(token, now)
        if permission < Permission.WRITE:
            return None
        if api_tokens.is_worth_noting(token, now) or login != token.login:
            async with self.database.write() as connection:
                await api_tokens.note_use(connection, token.id, login, now)
        return replace(token, login=login)

    async def permission(self, token: Token) -> Permission:
        """The permission of a token's account in its repository."""
        return (await self._standing(token, self.clock()))[0]

    async def _standing(self, token: Token, now: float) -> tuple[Permission, str]:
        asked_at, permission, login = self._known.get(token.id, (0.0, Permission.NONE, token.login))
        if now - asked_at >= FRESH_SECONDS:
            permission, login = await self.ask(token)
            self._known[token.id] = (now, permission, login)
        return permission, login


async def issue_token(database: Database, token: Token) -> str:
    """Create a token. The return value is shown once and not stored."""
    secret = PREFIX + secrets.token_urlsafe(32)
    async with database.write() as connection:
        await api_tokens.add(connection, token, digest_of(secret))
    return secret


def new_token(owner: Asker, installation_id: int, repository: RepositoryRef, name: str, now: float, days: int = LIFE_DAYS) -> Token:
    """A token of a person for one repository, valid for so many days."""
    ends = now + days * _DAY_SECONDS
    return Token(new_id(), name, owner.login, owner.account_id, repository.full_name, repository.id, installation_id, now, ends)
