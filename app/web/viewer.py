"""Who looks: signed in by GitHub, and may see what GitHub lets them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.errors import Refused
from app.github.permissions import Permission
from app.github.users import SeenRepository
from app.services.desk import Desk
from app.store import sessions
from app.store.sessions import Session
from app.web.errors import Hidden, NotAllowed, NotSignedIn
from app.web.security import Form, address_of, read_form
from app.web.sessions import desk_of, session_of, token_of


@dataclass(frozen=True)
class Viewer:
    """A person who is signed in; `address` is where from."""

    desk: Desk
    session: Session
    address: str

    @property
    def login(self) -> str:
        return self.session.login

    @property
    def github_id(self) -> int:
        return self.session.github_id

    @property
    def is_admin(self) -> bool:
        """Whether this is an instance admin, who runs the server and sees no more of the repositories than GitHub lets them."""
        return self.session.admin

    async def require_session(self) -> None:
        """Raise NotSignedIn where the session has ended since the request began: a stream lives longer than a page."""
        async with self.desk.database.read() as connection:
            if await sessions.find_session(connection, self.session.id, self.desk.clock()) is None:
                raise NotSignedIn

    async def repositories(self) -> tuple[SeenRepository, ...]:
        """Every repository this person has a role in and the App is installed on."""
        token = token_of(self.desk, self.session)
        if not token:
            raise NotSignedIn
        try:
            return await self.desk.access.repositories(self.session.id, token)
        except Refused as error:
            # The token is void: access was taken away, or eight hours are over.
            async with self.desk.database.write() as connection:
                await sessions.close_session(connection, self.session.id)
            self.desk.access.forget(self.session.id)
            raise NotSignedIn from error

    async def may(self, repository_id: int) -> Permission:
        """What this person may do in a repository; NONE where it is none of theirs, or does not exist."""
        found = (each.permission for each in await self.repositories() if each.id == repository_id)
        return next(found, Permission.NONE)

    async def repository(self, full_name: str, needed: Permission = Permission.WRITE) -> SeenRepository:
        """A repository by its name; Hidden unless this person reaches it, NotAllowed when not far enough."""
        wanted = full_name.lower()
        found = next((each for each in await self.repositories() if each.full_name.lower() == wanted), None)
        if found is None or found.permission < Permission.READ:
            raise Hidden
        if found.permission < needed:
            raise NotAllowed(_WHO_MAY[needed])
        return found

    async def installation(self, installation_id: int) -> tuple[SeenRepository, ...]:
        """What this person reaches of an installation; Hidden when it is nothing."""
        found = tuple(each for each in await self.repositories() if each.installation_id == installation_id)
        if not found:
            raise Hidden
        return found

    async def form(self, request: Request) -> Form:
        """What a form of this session sent."""
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
# Who may read the server's pages: its admins, and auditors, who change nothing.
InstanceReader = Annotated[Viewer, Depends(_auditor)]
