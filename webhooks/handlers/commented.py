"""Turns a comment with commands into jobs, for every kind of comment."""

from collections.abc import Sequence

from webhooks.commands import COMMANDS, Request
from webhooks.commands.parser import ParsedCommand, Unknown
from webhooks.job_base import FromComment
from webhooks.jobs import Acknowledge, Job, SendReply


def jobs(request: Request, calls: Sequence[ParsedCommand | Unknown]) -> tuple[Job, ...]:
    """One job per command, in turn, after an 👀; none without a command. REST has no reactions to the text of a review."""
    if not calls:
        return ()
    seen = Acknowledge(
        installation_id=request.installation_id,
        repository=request.repository,
        comment_id=request.comment_id,
        thread_id=request.thread_id,
        number=request.number,
    )
    asked = (
        request.reply(call.message) if isinstance(call, Unknown) else COMMANDS[call.name].to_job(request, call.argument) for call in calls
    )
    every = _once([*([] if request.in_review else [seen]), *asked])
    return tuple(
        job.model_copy(update={"turn": turn, "in_review": request.in_review}) if isinstance(job, FromComment) else job
        for turn, job in enumerate(every, int(request.in_review))
    )


def _once(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """The first job per key; the replies to one comment become one."""
    kept: dict[str, Job] = {}
    for job in jobs:
        place = "reply" if isinstance(job, SendReply) else job.key
        earlier = kept.get(place)
        if isinstance(job, SendReply) and isinstance(earlier, SendReply):
            if job.text not in earlier.text:
                kept[place] = earlier.model_copy(update={"text": f"{earlier.text}\n\n{job.text}"})
        else:
            kept.setdefault(place, job)
    return tuple(kept.values())
