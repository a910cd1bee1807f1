"""Somebody commented on an issue or a pull request, perhaps with commands."""

from webhooks.commands import COMMANDS, Request
from webhooks.commands.parser import Unknown, parse
from webhooks.delivery import Delivery
from webhooks.jobs import Acknowledge, Job, Reply
from webhooks.payload import Account, InRepository, Payload


class _Comment(Payload):
    id: int
    body: str | None = None
    user: Account | None = None


class _Issue(Payload):
    number: int
    pull_request: Payload | None = None


class IssueCommentEvent(InRepository):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment"""

    issue: _Issue
    comment: _Comment


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """One job a command, after an 👀; bots command nothing."""
    if delivery.action != "created":
        return ()
    event = IssueCommentEvent.model_validate(delivery.payload)
    if event.sender.is_bot or (event.comment.user is not None and event.comment.user.is_bot):
        return ()
    calls = parse(event.comment.body or "")
    if not calls:
        return ()
    request = Request(
        installation_id=event.installation.id,
        repository=event.repository.ref,
        number=event.issue.number,
        on_pull_request=event.issue.pull_request is not None,
        comment_id=event.comment.id,
        login=event.sender.login,
    )
    jobs: list[Job] = [Acknowledge(installation_id=request.installation_id, repository=request.repository, comment_id=request.comment_id)]
    for call in calls:
        if isinstance(call, Unknown):
            jobs.append(request.reply(call.message))
        else:
            jobs.append(COMMANDS[call.name].to_job(request, call.argument))
    return _once(jobs)


def _once(jobs: list[Job]) -> tuple[Job, ...]:
    """The first of each key; several replies to one comment become one."""
    kept: dict[str, Job] = {}
    for job in jobs:
        earlier = kept.get(job.key)
        if isinstance(job, Reply) and isinstance(earlier, Reply) and job.text not in earlier.text:
            kept[job.key] = earlier.model_copy(update={"text": f"{earlier.text}\n\n{job.text}"})
        else:
            kept.setdefault(job.key, job)
    return tuple(kept.values())
