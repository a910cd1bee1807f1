"""What each role can see of a repository."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest

from app.configuration.settings import Settings
from app.github.permissions import Permission
from app.github.users import SeenRepository
from app.services.web import WebServices
from app.store.security.sessions import WebSession
from app.web.errors import Hidden, NotAllowed
from app.web.viewer import Viewer

if TYPE_CHECKING:
    from app.store.engine.database import Database

ADA = WebSession("s", 7, "ada", b"", "", admin=True, address="", browser="", created_at=0.0, seen_at=0.0)


@dataclass(frozen=True)
class Known(Viewer):
    """A person whose access GitHub reported."""

    reached: tuple[SeenRepository, ...] = ()

    async def repositories(self) -> tuple[SeenRepository, ...]:
        return self.reached


@pytest.mark.parametrize(
    ("name", "role", "needed", "raised"),
    [
        ("acme/shop", Permission.NONE, Permission.READ, Hidden),
        ("acme/shop", Permission.NONE, Permission.ADMIN, Hidden),
        ("globex/lab", Permission.ADMIN, Permission.READ, Hidden),
        ("acme/shop", Permission.READ, Permission.WRITE, NotAllowed),
        ("acme/shop", Permission.WRITE, Permission.ADMIN, NotAllowed),
        ("acme/shop", Permission.READ, Permission.READ, None),
        ("Acme/Shop", Permission.ADMIN, Permission.WRITE, None),
    ],
)
async def test_a_repository_is_open_to_a_role_as_far_as_it_goes(
    name: str, role: Permission, needed: Permission, raised: type[Exception] | None
) -> None:
    services = SeenRepository(1, "acme/shop", private=True, installation_id=7, permission=role, administers=False)
    ada = Known(WebServices(Settings(), cast("Database", None)), ADA, "127.0.0.1", (services,))
    if raised is None:
        assert await ada.repository(name, needed) == services
        return
    with pytest.raises(raised):
        await ada.repository(name, needed)
