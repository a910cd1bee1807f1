"""What the stories about questions share: an issue about a pool, and experts with solutions."""

from collections.abc import Mapping
from typing import Any

from app.sandbox.github.entities import Issue
from app.sandbox.providers.response_script import ScriptedMember
from tests.stories.harness import InProcessSystem

POOL = {
    "title": "The health check opens a connection and never closes it",
    "approach": "Every probe takes a connection from the pool and keeps it, so after as many probes as the pool is large nobody gets one.",
    "steps": ["Close the connection in the health check.", "Set a time-out on the pool."],
    "effort": "minutes",
    "risk": "low",
    "verify": "The count of open connections stays below the pool's size.",
    "facets": [],
    "evidence": [],
}
LARGER = POOL | {
    "title": "Make the pool larger",
    "approach": "A larger pool lasts longer under the same load.",
    "steps": ["Raise pool_size to 50."],
    "effort": "hours",
    "risk": "medium",
}


def script(system: InProcessSystem, *experts: list[Mapping[str, Any]], **more: Any) -> None:
    """Give the experts their solutions, in the order of the seats."""
    for seat, solutions in zip(system.seats, experts, strict=False):
        system.sandbox.providers.script(
            seat.split("/", 1)[1],
            ScriptedMember(solutions=[dict(solution) for solution in solutions], view="It is about the pool.", **more),
        )


def issue(system: InProcessSystem, body: str = "After a night nobody gets a connection.", author: str = "ana") -> Issue:
    system.repository.add_collaborator("ana", "write")
    return system.repository.open_issue("Connections run out", body, author)


async def ask(system: InProcessSystem, number: int, body: str, login: str = "ana") -> list[str]:
    """Comment, run everything, and return our App's newest comment in that conversation."""
    system.repository.comment(number, login, body)
    await system.settle()
    return said(system, number)


def said(system: InProcessSystem, number: int) -> list[str]:
    comments = system.repository.issue(number).comments
    return [comment.body for comment in comments if comment.author.login.endswith("[bot]")]
