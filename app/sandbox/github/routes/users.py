"""Routes for a person's own token: the person, and their installations and repositories."""

from app.sandbox.github.entities import Installation, Json, User
from app.sandbox.github.exchange import Route, SandboxRequest, SandboxResponse
from app.sandbox.github.refusal import GitHubError, not_found
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.routes.issues import RANKS
from app.sandbox.github.shapes import code, people

_ORDER = list(RANKS.values())


def _person(call: SandboxRequest) -> User:
    if call.actor.user is None:
        raise GitHubError(401 if call.actor.kind == "anonymous" else 403, "Resource not accessible by integration")
    return call.actor.user


def _explicit(call: SandboxRequest, user: User, installed: Installation) -> list[SandboxRepository]:
    """The installation's repositories in which a person has a role. Public access does not count."""
    visible = call.github.world.visible_to(installed)
    return [repository for repository in visible if user.login in repository.collaborators or user == repository.owner]


def get_user(call: SandboxRequest) -> SandboxResponse:
    return SandboxResponse(people.whole_user(call.links, _person(call)))


def get_account(call: SandboxRequest) -> SandboxResponse:
    """An account by its id, whatever its current login."""
    known = next((user for user in call.github.world.users.values() if user.id == call.number("id")), None)
    if known is None:
        raise not_found()
    return SandboxResponse(people.whole_user(call.links, known))


def list_installations(call: SandboxRequest) -> SandboxResponse:
    user, world = _person(call), call.github.world
    mine = [installation for installation in world.installations.values() if _explicit(call, user, installation)]
    return call.page(mine, lambda each: people.installation(call.links, world.app, each), "installations")


def list_repositories(call: SandboxRequest) -> SandboxResponse:
    user = _person(call)
    installed = call.github.world.installations.get(call.number("id"))
    if installed is None or not _explicit(call, user, installed):
        raise not_found()

    def shape(each: SandboxRepository) -> Json:
        reached = _ORDER.index(each.role_of(user.login))
        return code.repository(call.links, each) | {"permissions": {name: _ORDER.index(at) <= reached for name, at in RANKS.items()}}

    return call.page(_explicit(call, user, installed), shape, "repositories")


ROUTES = (
    Route("GET", "/user", get_user),
    Route("GET", "/user/installations", list_installations),
    Route("GET", "/user/installations/{id}/repositories", list_repositories),
    Route("GET", "/user/{id}", get_account),
)
