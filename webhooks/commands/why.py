"""`/council why`: in the thread of a finding, who said what about it."""

from webhooks.commands.command import Command, Group, Request
from webhooks.jobs import Job


def to_job(request: Request, argument: str) -> Job:
    if request.on_pull_request and not request.thread_id:
        return request.reply("`/council why` works in the thread of a finding; here, use `/council explain <id>`.")
    return request.execute("why")


WHY = Command("why", "/council why", "in the thread of a finding: what each model said about it", to_job, Group.FINDINGS)
