"""Turns ticked boxes of our summary comment into commands of the person who edited it."""

from collections.abc import Sequence

from webhooks.commands import Request
from webhooks.jobs import ExecuteCommand, Job, ReviewCause, ReviewPullRequest, digest
from webhooks.tick_boxes import Tick


def jobs(request: Request, ticks: Sequence[Tick], edit: str) -> tuple[Job, ...]:
    """One job per box, in turn; `edit` is the delivery of the edit, which a redelivery repeats."""
    if not request.on_pull_request:
        return ()
    return tuple(
        _review(request, edit) if tick.name == "review" else _command(request, tick, edit, turn) for turn, tick in enumerate(ticks, 1)
    )


def _command(request: Request, tick: Tick, edit: str, turn: int) -> Job:
    return ExecuteCommand(
        installation_id=request.installation_id,
        repository=request.repository,
        number=request.number,
        comment_id=request.comment_id,
        login=request.login,
        name=tick.name,
        argument=tick.short_id,
        edit=edit,
        turn=turn,
    )


def _review(request: Request, edit: str) -> Job:
    # It has no turn, so a box that is ticked during a review does not wait for it.
    return ReviewPullRequest(
        installation_id=request.installation_id,
        repository=request.repository,
        number=request.number,
        cause=ReviewCause.COMMAND,
        trigger=f"{request.comment_id}-{digest(edit)}",
        login=request.login,
        comment_id=request.comment_id,
        edit=edit,
    )
