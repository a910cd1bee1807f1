"""`/council review [focus]`: review the pull request now."""

from webhooks.commands.arguments import Misread, read_arguments
from webhooks.commands.command import Command, Request
from webhooks.jobs import Job, ReviewCause, ReviewPullRequest, digest


def to_job(request: Request, argument: str) -> Job:
    if not request.on_pull_request:
        return request.reply("`/council review` works on a pull request; this is an issue.")
    try:
        focus, arguments = read_arguments(argument)
    except Misread as misread:
        return request.reply(misread.message)
    return ReviewPullRequest(
        installation_id=request.installation_id,
        repository=request.repository,
        number=request.number,
        cause=ReviewCause.COMMAND,
        # The same words in an edited comment are the same command.
        trigger=f"{request.comment_id}-{digest(argument)}" if argument else str(request.comment_id),
        login=request.login,
        comment_id=request.comment_id,
        thread_id=request.thread_id,
        focus=focus,
        arguments=arguments,
    )


REVIEW = Command(
    "review",
    "/council review [focus] [--models a,b] [--preset deep] [--budget 0.50] [--full]",
    "review what is new, with a focus if you name one; `--full` reviews everything again",
    to_job,
)
