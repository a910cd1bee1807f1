"""`/council explain <text>`: explain code, an error or a term."""

from webhooks.commands.asking import consult
from webhooks.commands.command import Command, Request
from webhooks.jobs import Job


def to_job(request: Request, argument: str) -> Job:
    return consult("explain", request, argument)


EXPLAIN = Command("explain", "/council explain <text>", "explain code, an error or a term", to_job)
