"""Many small tenants of a sandbox, so that no limit of one installation affects the measurement, and defects that ruff finds."""

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.world import World

PULLS_A_TENANT = 4
BASE = {"README.md": "# shop\n"}


def defect(number: int, push: int = 0) -> dict[str, str]:
    """A file with an undefined name, in a unique path: every head has one finding that was not reported before."""
    return {f"app/part_{number}_{push}.py": f"def total_{number}_{push}(items):\n    return sum(item.price for item in itemz)\n"}


def name(number: int) -> str:
    """The repository of the pull request with that number."""
    return f"tenant-{number // PULLS_A_TENANT}/shop"


def repository(world: World, number: int) -> SandboxRepository:
    """That repository, created if it is new."""
    return world.repositories.get(name(number)) or world.create_repository(name(number), BASE)


def open_pull(world: World, number: int) -> tuple[SandboxRepository, PullRequest]:
    """Open the pull request with that number."""
    place = repository(world, number)
    return place, place.open_pull_request(f"Change {number}", defect(number), branch=f"change-{number}")
