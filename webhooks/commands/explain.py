"""`/council explain`: show a finding in full if its id is named, else answer a question about code, an error or a term."""

from webhooks.commands.ask import consult
from webhooks.commands.by_id import ID, about_finding
from webhooks.commands.command import Command, CommandGroup, CommandRight, Request
from webhooks.jobs import Job

_FINDING = about_finding("explain", "", "", CommandRight.LOOK)


def to_job(request: Request, argument: str) -> Job:
    first = argument.strip().partition(" ")[0]
    if request.on_pull_request and (ID.fullmatch(first) or not first):
        return _FINDING.to_job(request, argument)
    return consult("explain", request, argument)


EXPLAIN = Command(
    "explain",
    "/council explain <id or text>",
    "show a finding in full, with each model's answer; or explain code, an error or a term",
    to_job,
    CommandGroup.FINDINGS,
    CommandRight.LOOK,
)
