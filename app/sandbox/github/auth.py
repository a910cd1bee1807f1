"""Authenticates callers: the App by its JWT, or an installation by a token that expires."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from app.sandbox.github.entities import Installation, Json, User
from app.sandbox.github.refusal import GitHubError, not_found
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.world import World

LEVELS = {"": 0, "read": 1, "write": 2, "admin": 3}
ROLE_LEVELS = {"none": 0, "read": 1, "triage": 1, "write": 2, "maintain": 2, "admin": 3}
ALGORITHM = "RS256"
LIFETIME = timedelta(hours=1)
# https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
LONGEST_JWT = 600


@dataclass(frozen=True)
class Actor:
    """The caller. `kind` is "app", "installation", "user" or "anonymous"."""

    kind: str
    name: str
    installation: Installation | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    repositories: frozenset[int] | None = None
    expires: datetime | None = None
    user: User | None = None

    def may(self, needed: str) -> bool:
        """Whether a permission such as "checks:write" is granted."""
        name, _, level = needed.partition(":")
        granted = [self.permissions.get(name, "")]
        if self.installation is not None:
            # A permission that the account revokes is also lost for existing tokens.
            granted.append(self.installation.permissions.get(name, ""))
        return min(LEVELS[each] for each in granted) >= LEVELS[level]


@dataclass
class Authenticator:
    """Authenticates callers and creates tokens. `needed` are the permissions that callers have required so far."""

    world: World
    new_token: Callable[[], str] = lambda: "ghs_" + secrets.token_hex(18)
    tokens: dict[str, Actor] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)

    def admit(self, authorization: str) -> Actor:
        """The caller behind an Authorization header."""
        scheme, _, credential = authorization.partition(" ")
        if not credential:
            return Actor("anonymous", "anonymous")
        if scheme.lower() == "bearer" and credential.count(".") == 2:
            return self._app(credential)
        actor = self.tokens.get(credential)
        if actor is None or actor.expires is None or actor.expires <= self.world.now():
            raise GitHubError(401, "Bad credentials")
        if actor.user is not None:
            return actor
        installed = actor.installation
        if installed is None or installed.id not in self.world.installations:
            raise GitHubError(401, "Bad credentials")
        if installed.suspended_at:
            raise GitHubError(403, "This installation has been suspended")
        return actor

    def _app(self, credential: str) -> Actor:
        app, now = self.world.app, self.world.now().timestamp()
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False, "verify_iss": False}
        try:
            claims = jwt.decode(credential, app.public_key, algorithms=[ALGORITHM], options=options)
        except jwt.PyJWTError as error:
            raise GitHubError(401, "A JSON web token could not be decoded") from error
        issued, expires = claims.get("iat"), claims.get("exp")
        if str(claims.get("iss")) not in (str(app.id), app.client_id):
            raise GitHubError(401, "Integration must generate a public key")
        if not isinstance(expires, (int, float)) or expires <= now:
            raise GitHubError(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time")
        if expires > now + LONGEST_JWT:
            raise GitHubError(401, "'Expiration time' claim ('exp') is too far in the future")
        if not isinstance(issued, (int, float)) or issued > now + 1:
            raise GitHubError(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
        return Actor("app", app.slug)

    def issue(self, installation_id: int, body: Json) -> tuple[str, Actor, list[SandboxRepository] | None]:
        """A token for an installation, limited to some repositories and permissions."""
        installed = self.world.installations.get(installation_id)
        if installed is None:
            raise not_found()
        if installed.suspended_at:
            raise GitHubError(403, "This installation has been suspended")
        repositories = self._chosen(installed, body)
        permissions = dict(body.get("permissions") or installed.permissions)
        beyond = [name for name, level in permissions.items() if LEVELS.get(level, 9) > LEVELS[installed.permissions.get(name, "")]]
        if beyond:
            raise GitHubError(422, "The permissions requested are not granted to this installation.")
        # GitHub adds metadata to any requested permissions.
        permissions.setdefault("metadata", "read")
        ids = frozenset(repository.id for repository in repositories) if repositories is not None else None
        token = self.new_token()
        actor = Actor("installation", f"installation {installed.id}", installed, permissions, ids, self.world.now() + LIFETIME)
        self.tokens[token] = actor
        return token, actor, repositories

    def _chosen(self, installed: Installation, body: Json) -> list[SandboxRepository] | None:
        names, ids = body.get("repositories"), body.get("repository_ids")
        if names is None and ids is None:
            return None
        visible = self.world.visible_to(installed)
        repositories = [repository for repository in visible if repository.name in (names or []) or repository.id in (ids or [])]
        if len(repositories) < len(names or []) + len(ids or []):
            raise GitHubError(422, "There is at least one repository that does not exist or is not accessible to the parent installation.")
        return repositories

    def revoke(self, actor: Actor) -> None:
        """Revoke one token."""
        self.tokens = {token: each for token, each in self.tokens.items() if each is not actor}

    def revoke_all(self) -> None:
        """Revoke every token."""
        self.tokens.clear()

    def repositories(self, actor: Actor) -> list[SandboxRepository]:
        """The repositories that a token may see."""
        if actor.installation is None:
            return []
        return [
            repository
            for repository in self.world.visible_to(actor.installation)
            if actor.repositories is None or repository.id in actor.repositories
        ]

    def repository(self, actor: Actor, full_name: str) -> SandboxRepository:
        """A repository, if the caller may know that it exists."""
        found = self.world.repository(full_name)
        if actor.kind == "installation" and found not in self.repositories(actor) and found.private:
            raise not_found()
        if actor.user is not None and found.role_of(actor.user.login) == "none":
            raise not_found()
        return found

    def allow(self, actor: Actor, repository: SandboxRepository, needed: str) -> None:
        """Refuse what the token does not grant. `needed`, such as "checks:write", is recorded to show which call needs which permission."""
        self.needed.add(needed)
        public_read = needed.endswith(":read") and not repository.private and needed.partition(":")[0] in ("contents", "metadata")
        if actor.kind == "anonymous" and not public_read:
            raise GitHubError(401, "Requires authentication")
        if actor.kind == "installation" and repository not in self.repositories(actor) and not public_read:
            raise GitHubError(403, "Resource not accessible by integration")
        if actor.user is not None:
            # As far as the App may, and no further than the person.
            reached = ROLE_LEVELS[repository.role_of(actor.user.login)]
            if not actor.may(needed) or reached < LEVELS[needed.partition(":")[2]]:
                raise GitHubError(403, "Resource not accessible by integration")
            return
        if actor.kind == "app" or (actor.kind == "installation" and not actor.may(needed) and not public_read):
            raise GitHubError(
                403, "Resource not accessible by integration", headers={"x-accepted-github-permissions": needed.replace(":", "=")}
            )
