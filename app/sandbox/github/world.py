"""The state of the sandbox GitHub: accounts, the App, its installations and the repositories."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.sandbox.github.entities import App, Installation, User, WorldEvent
from app.sandbox.github.refusal import not_found
from app.sandbox.github.repository import SandboxRepository

# Not those of app/github/manifest.py: the sandbox is a witness, and a permission that the product forgets or adds must fail here.
PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "pull_requests": "write",
    "issues": "write",
    "checks": "write",
    "actions": "read",
    "statuses": "read",
    "merge_queues": "read",
}
# Not a secret: it guards a loopback server while it runs.
WEBHOOK_SECRET = "sandbox-webhook-secret"  # noqa: S105
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105
EVENTS = (
    "check_run",
    "check_suite",
    "issue_comment",
    "issues",
    "merge_group",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "status",
    "workflow_run",
)


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@cache
def read_process_key() -> str:
    """A private key in PEM, the same for the whole process, because making one takes 0.13 s."""
    return make_key()


def make_key() -> str:
    """A new private key in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


def make_app(private_key: str, now: Callable[[], datetime] = wall_clock) -> App:
    """The registered App with this key."""
    key = serialization.load_pem_private_key(private_key.encode(), None, unsafe_skip_rsa_key_validation=True)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    owner, bot = User("council-maintainers", 11, "Organization"), User("council-sandbox[bot]", 12, "Bot")
    names = (1001, "council-sandbox", "Council Sandbox", "Iv23.sandboxcouncil")
    return App(*names, owner, bot, private_key, public, WEBHOOK_SECRET, dict(PERMISSIONS), EVENTS, now(), client_secret=CLIENT_SECRET)


class World:
    """The state of the sandbox. It reports its changes; `listeners` get every event in order.

    `client_clock` is the clock of limits if it differs from `now`, for a client that uses the real clock.
    """

    def __init__(self, app: App, now: Callable[[], datetime] = wall_clock) -> None:
        self.app = app
        self.now = now
        self.client_clock: Callable[[], datetime] | None = None
        self.users: dict[str, User] = {app.owner.login: app.owner, app.bot.login: app.bot}
        self.installations: dict[int, Installation] = {}
        self.repositories: dict[str, SandboxRepository] = {}
        self._former: dict[str, SandboxRepository] = {}
        self.listeners: list[Callable[[WorldEvent], None]] = []
        self._last_id = 1_000_000

    def client_now(self) -> datetime:
        return (self.client_clock or self.now)()

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def user(self, login: str, kind: str = "User") -> User:
        """The account with that name, created if it is new."""
        if login.endswith("[bot]"):
            kind = "Bot"
        return self.users.setdefault(login, User(login, self.next_id(), kind))

    def rename_user(self, login: str, new_login: str) -> User:
        """Change a person's login. The old one becomes free, and roles stay with the account."""
        user = self.users.pop(login)
        self.users[new_login] = replace(user, login=new_login)
        for repository in self.repositories.values():
            if login in repository.collaborators:
                repository.collaborators[new_login] = repository.collaborators.pop(login)
        return self.users[new_login]

    def create_repository(
        self,
        full_name: str,
        files: Mapping[str, str | bytes] | None = None,
        *,
        private: bool = False,
        installed: bool = True,
        default_branch: str = "main",
    ) -> SandboxRepository:
        """Create a repository with one commit. By default the App is installed on its owner."""
        owner = self.user(full_name.partition("/")[0], "Organization")
        repository = SandboxRepository(self, full_name, owner, private=private, default_branch=default_branch)
        repository.found(files or {"README.md": f"# {repository.name}\n"})
        self.repositories[full_name] = repository
        present = next((installation for installation in self.installations.values() if installation.account == owner), None)
        if installed and present is None:
            self.install(owner.login)
        elif installed and present is not None:
            if present.selected is not None:
                present.selected.add(full_name)
            self.emit(self._about_repositories(present, [repository], "added"))
        return repository

    def repository(self, full_name: str) -> SandboxRepository:
        """The repository with that name, in any case."""
        found = next((each for name, each in self.repositories.items() if name.lower() == full_name.lower()), None)
        if found is None:
            raise not_found()
        return found

    def rename(self, full_name: str, new_name: str) -> None:
        """Rename a repository. Its old addresses redirect until another one takes the old name."""
        repository = self.repositories.pop(full_name)
        self._former[full_name.lower()] = repository
        repository.full_name, repository.name = new_name, new_name.partition("/")[2]
        repository.owner = self.user(new_name.partition("/")[0], "Organization")
        self.repositories[new_name] = repository
        for pull in (pull for each in self.repositories.values() for pull in each.pulls.values()):
            if pull.head_repository == full_name:
                pull.head_repository = new_name
        for installation in self.installations.values():
            if installation.selected is not None and full_name in installation.selected:
                installation.selected.add(new_name)

    def moved(self, full_name: str) -> SandboxRepository | None:
        """The repository that had this name, if no other has it now."""
        taken = any(name.lower() == full_name.lower() for name in self.repositories)
        return None if taken else self._former.get(full_name.lower())

    def place(self, path: str) -> str:
        """The path of a renamed repository's resource by its id, "" for any other path."""
        parts = path.split("/", 4)
        moved = self.moved("/".join(parts[2:4])) if parts[:2] == ["", "repos"] and len(parts) > 3 else None
        return "/".join(("", "repositories", str(moved.id), *parts[4:])) if moved else ""

    def named(self, path: str) -> str:
        """A path that names a repository by id, converted to its name. Any other path is unchanged."""
        parts = path.split("/", 3)
        known = {str(repository.id): repository.full_name for repository in self.repositories.values()}
        if parts[:2] != ["", "repositories"] or len(parts) < 3 or parts[2] not in known:
            return path
        return "/".join(("", "repos", known[parts[2]], *parts[3:]))

    def install(self, account: str, permissions: Mapping[str, str] | None = None, repositories: set[str] | None = None) -> Installation:
        """Install the App on an account, on all repositories or on the named ones."""
        installation = Installation(
            self.next_id(), self.user(account), dict(permissions or self.app.permissions), self.app.events, self.now(), repositories
        )
        self.installations[installation.id] = installation
        self._installation_changed(installation, "created")
        return installation

    def uninstall(self, installation_id: int) -> None:
        """Remove the App from an account. Its tokens stop working."""
        gone = self.installations.pop(installation_id)
        self._installation_changed(gone, "deleted")

    def suspend(self, installation_id: int, suspended: bool = True) -> None:
        """Suspend or resume an installation."""
        installation = self.installations[installation_id]
        installation.suspended_at = self.now() if suspended else None
        self._installation_changed(installation, "suspend" if suspended else "unsuspend")

    def permit(self, installation_id: int, **levels: str) -> None:
        """Change what an account grants the App: "read", "write" or "" by permission ("checks")."""
        installation = self.installations[installation_id]
        changed = {**installation.permissions, **levels}
        installation.permissions = {name: level for name, level in changed.items() if level}
        self._installation_changed(installation, "new_permissions_accepted")

    def select(self, installation_id: int, repositories: set[str]) -> None:
        """Limit an installation to some repositories."""
        installation = self.installations[installation_id]
        before = {repository.full_name for repository in self.visible_to(installation)}
        installation.selected = set(repositories)
        for word, names in (("added", repositories - before), ("removed", before - repositories)):
            if names:
                self.emit(self._about_repositories(installation, [self.repository(name) for name in sorted(names)], word))

    def visible_to(self, installation: Installation) -> list[SandboxRepository]:
        """The repositories an installation may see."""
        return [
            repository
            for repository in self.repositories.values()
            if repository.owner == installation.account and (installation.selected is None or repository.full_name in installation.selected)
        ]

    def installation_of(self, repository: SandboxRepository) -> Installation | None:
        """The installation that sees this repository."""
        return next((installation for installation in self.installations.values() if repository in self.visible_to(installation)), None)

    def emit(self, happening: WorldEvent) -> None:
        """Call every listener."""
        for listener in self.listeners:
            listener(happening)

    def _installation_changed(self, installation: Installation, action: str) -> None:
        about = {"installation": installation, "repositories": self.visible_to(installation)}
        self.emit(WorldEvent("installation", action, self.user("octo-admin"), None, installation.id, about))

    def _about_repositories(self, installation: Installation, repositories: list[SandboxRepository], word: str) -> WorldEvent:
        about = {"installation": installation, "repositories": repositories}
        return WorldEvent("installation_repositories", word, self.user("octo-admin"), None, installation.id, about)
