"""`/council ask` and the specialists: a question to the council, in an issue or a pull request."""

from functools import partial

from webhooks.commands.command import Command, Group, Request
from webhooks.jobs import Consult, Job

# A line is the question; what else the comment holds is read when the job runs.
LONGEST = 4_000
_SPECIALISTS = {
    "ask": "ask the council a question",
    "debug": "find the cause of a fault: hypotheses, and the check that tells them apart",
    "architecture": "decide how to build something, as a decision record",
    "performance": "make something faster or smaller, from a profile or metrics",
    "security": "find and fix a weakness, by CWE",
    "quality": "judge the state of code: what is harmful, and what to do first",
    "integration": "make two systems work together",
    "tests": "decide what to test and how",
    "learn": "explain a subject step by step in this repository",
    "refactor": "change the structure of code without changing its behavior",
}


def consult(specialist: str, request: Request, argument: str) -> Job:
    """The job that asks this specialist."""
    return Consult(
        installation_id=request.installation_id,
        repository=request.repository,
        number=request.number,
        comment_id=request.comment_id,
        login=request.login,
        thread_id=request.thread_id,
        specialist=specialist,
        question=argument[:LONGEST],
    )


ASKING = tuple(
    Command(name, f"/council {name} <{'question' if name == 'ask' else 'text'}>", does, partial(consult, name), Group.ASK)
    for name, does in _SPECIALISTS.items()
)
