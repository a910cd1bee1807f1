"""The signed-in user and what GitHub lets them see. Change here who can open a page."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.errors import GitHubRejected
from app.github.permissions import Permission
from app.github.users import SeenRepository
from app.services.web import WebServices
from app.store.security import sessions
from app.store.security.sessions import WebSession
from app.web.errors import Hidden, NotAllowed, NotSignedIn
from app.web.security import SubmittedForm, address_of, read_form
from app.web.sessions import desk_of, session_of, token_of


@dataclass(frozen=True)
class Viewer:
    """A signed-in person; `address` is the client's address."""

    services: WebServices
    session: WebSession
    address: str

    @property
    def login(self) -> str:
        return self.session.login

    @property
    def github_id(self) -> int:
        return self.session.github_id

    @property
    def is_admin(self) -> bool:
        """Whether the person is an admin of the server. Admins see only the repositories that GitHub lets them see."""
        return self.session.admin

    async def require_session(self) -> None:
        """Raise NotSignedIn if the session ended after the request began, which streams can outlive."""
        async with self.services.database.read() as connection:
            if await sessions.find_session(connection, self.session.id, self.services.clock()) is None:
                raise NotSignedIn

    async def repositories(self) -> tuple[SeenRepository, ...]:
        """The repositories in which the person has a role and the App is installed."""
        token = token_of(self.services, self.session)
        if not token:
            raise NotSignedIn
        try:
            return await self.services.access.repositories(self.session.id, token)
        except GitHubRejected as error:
            # The token is invalid: it was revoked, or it expired after eight hours.
            async with self.services.database.write() as connection:
                await sessions.close_session(connection, self.session.id)
            self.services.access.forget(self.session.id)
            raise NotSignedIn from error

    async def may(self, repository_id: int) -> Permission:
        """The person's permission in a repository; NONE if they have no role in it or it does not exist."""
        permissions = (repository.permission for repository in await self.repositories() if repository.id == repository_id)
        return next(permissions, Permission.NONE)

    async def repository(self, full_name: str, needed: Permission = Permission.WRITE) -> SeenRepository:
        """A repository by name. Raises Hidden without read access, NotAllowed if the person's access is lower than `needed`."""
        wanted = full_name.lower()
        found = next((each for each in await self.repositories() if each.full_name.lower() == wanted), None)
        if found is None or found.permission < Permission.READ:
            raise Hidden
        if found.permission < needed:
            raise NotAllowed(_WHO_MAY[needed])
        return found

    async def installation(self, installation_id: int) -> tuple[SeenRepository, ...]:
        """The person's repositories of an installation. Raises Hidden if there are none."""
        repositories = tuple(repository for repository in await self.repositories() if repository.installation_id == installation_id)
        if not repositories:
            raise Hidden
        return repositories

    async def form(self, request: Request) -> SubmittedForm:
        """The submitted form, which must come from this session."""
        return await read_form(request, self.session.csrf)


_WHO_MAY = {
    Permission.READ: "Only people with a role in this repository can see this.",
    Permission.WRITE: "Only people with write access to this repository can see this.",
    Permission.ADMIN: "Only people with admin or maintain access to this repository can change this.",
}


async def _viewer(request: Request) -> Viewer:
    session = await session_of(request)
    if session is None or not session.github_id:
        raise NotSignedIn
    return Viewer(desk_of(request), session, address_of(request))


async def _admin(request: Request) -> Viewer:
    viewer = await _viewer(request)
    if not viewer.is_admin:
        raise Hidden
    return viewer


async def _auditor(request: Request) -> Viewer:
    viewer = await _viewer(request)
    if not (viewer.is_admin or viewer.session.auditor):
        raise Hidden
    return viewer


SignedIn = Annotated[Viewer, Depends(_viewer)]
InstanceAdmin = Annotated[Viewer, Depends(_admin)]
# The server's pages are for its admins, and for auditors, who can change nothing.
InstanceReader = Annotated[Viewer, Depends(_auditor)]
