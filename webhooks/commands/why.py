"""`/council why`: in a finding's thread, show each seat's answer about it."""

from webhooks.commands.command import Command, CommandGroup, CommandRight, Request
from webhooks.jobs import Job


def to_job(request: Request, argument: str) -> Job:
    if request.on_pull_request and not request.thread_id:
        return request.reply("`/council why` works in the thread of a finding; here it is `/council explain <id>`.")
    return request.execute("why")


WHY = Command(
    "why", "/council why", "in a finding's thread: show what each model said about it", to_job, CommandGroup.FINDINGS, CommandRight.LOOK
)
