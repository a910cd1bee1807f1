"""`/council ci`: ask the council why CI fails."""

from webhooks.commands.ask import consult
from webhooks.commands.command import Command, CommandGroup, Request
from webhooks.jobs import Job


def to_job(request: Request, argument: str) -> Job:
    return consult("ci", request, argument) if request.on_pull_request else request.execute("ci")


CI = Command("ci", "/council ci", "ask the council why CI fails", to_job, CommandGroup.REVIEW)
