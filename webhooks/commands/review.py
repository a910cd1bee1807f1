"""`/council review [focus]`: review the pull request now."""

from webhooks.commands.command import Command, Request
from webhooks.jobs import Cause, Job, ReviewPullRequest


def to_job(request: Request, argument: str) -> Job:
    if not request.on_pull_request:
        return request.reply("`/council review` works on a pull request; this is an issue.")
    return ReviewPullRequest(
        installation_id=request.installation_id,
        repository=request.repository,
        number=request.number,
        cause=Cause.COMMAND,
        trigger=str(request.comment_id),
        login=request.login,
        comment_id=request.comment_id,
        focus=argument[:500],
    )


REVIEW = Command("review", "/council review [focus]", "review this pull request now, with a focus if you name one", to_job)
