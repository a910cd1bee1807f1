"""`/council ask` and the specialists: a question to the council, in an issue or a pull request."""

from functools import partial

from webhooks.commands.command import Command, CommandGroup, Request
from webhooks.jobs import AnswerCommentQuestion, Job

# The command's line is the question; the job reads the rest of the comment when it runs.
LONGEST = 4_000
_SPECIALISTS = {
    "ask": "ask the council a question",
    "debug": "find the cause of a failure: hypotheses, and a test that decides between them",
    "architecture": "decide how to build something: a decision record",
    "performance": "make something faster or smaller, from a profile or metrics",
    "security": "find and fix a weakness, with its CWE",
    "quality": "assess the quality of code: what does harm, and what to fix first",
    "integration": "make two systems work together",
    "tests": "decide what to test, and how",
    "learn": "understand a subject, step by step in this repository",
    "refactor": "change the structure of code without changing what it does",
}


def consult(specialist: str, request: Request, argument: str) -> Job:
    """The job that asks this specialist."""
    return AnswerCommentQuestion(
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
    Command(name, f"/council {name} <{'question' if name == 'ask' else 'text'}>", does, partial(consult, name), CommandGroup.ASK)
    for name, does in _SPECIALISTS.items()
)
