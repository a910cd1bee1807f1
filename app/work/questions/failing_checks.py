"""Collects the evidence of `ci`: the failing checks of a pull request's head, with the cause from each log."""

from dataclasses import dataclass

from app.github import pull_request
from app.github.ci_logs import failing_checks
from app.github.installation_client import InstallationClient
from app.reporters.text import ci_text
from app.services.worker import WorkerServices
from reviewers.context.snapshot import FailingCheck
from reviewers.values.question import Material, MaterialKind


@dataclass(frozen=True)
class FailingChecks:
    """The failing checks of a head, as material for the council and as text for people. Both are empty if no check fails."""

    head_sha: str
    materials: tuple[Material, ...]
    text: str


async def read_failing_checks(services: WorkerServices, github: InstallationClient, full_name: str, number: int) -> FailingChecks:
    """Read the checks of the head and the logs of the failed ones."""
    fetched = await pull_request.fetch(github, full_name, number)
    checks = await failing_checks(github, fetched.snapshot, int(services.settings.app_id))
    snapshot = fetched.snapshot.model_copy(update={"failing_checks": checks})
    text = ci_text.section(snapshot, services.settings.github_web_url)
    return FailingChecks(snapshot.head_sha, tuple(_material(check) for check in checks), text)


def _material(check: FailingCheck) -> Material:
    places = [f"{place.path}:{place.line} {'in' if place.touched else 'outside'} the diff" for place in check.places]
    text = "\n".join([*places, *check.lines]) or "(the log could not be read)"
    why = "it is red on the base branch too" if check.red_before else "it fails at this head, not on the base branch"
    return Material(kind=MaterialKind.CHECK, name=f"log of {check.name}", text=text, why=why, url=check.url)
