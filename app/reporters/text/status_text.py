"""Change here what `/council status` and `council status` answer: the state of a review, and a pause of all paid work."""

from datetime import UTC, datetime

from app.store.instance import COMMAND_LINE, Instance
from app.store.reviews.pull_status import PullStatus, Stage


def status_line(status: PullStatus) -> str:
    """The answer to "why was this not reviewed?", in plain text."""
    head = f" `{status.head_sha[:7]}`" if status.head_sha else ""
    because = f": {status.reason}" if status.reason else ""
    match status.stage:
        case Stage.REVIEWED:
            return f"Reviewed{head}: {status.headline}." if status.headline else f"Reviewed{head}."
        case Stage.QUEUED:
            return f"The review of{head or ' the newest commit'} is queued{because}."
        case Stage.UNDER_REVIEW:
            return f"The review of{head} is in progress."
        case Stage.INCOMPLETE | Stage.FAILED:
            return f"The review of{head} could not finish{because}. `/council retry` tries again."
    return f"Not reviewed{because}. `/council review` reviews it now."


def pause_line(state: Instance) -> str:
    """Who paused all paid work on this server, when, and how to resume it; "" if it is not paused."""
    if not state.paused:
        return ""
    since = f"{datetime.fromtimestamp(state.paused_at, UTC):%Y-%m-%d %H:%M} UTC"
    by = "from the command line" if state.paused_by == COMMAND_LINE else f"by {state.paused_by}"
    return f"All paid work on this server was paused {by} at {since}; `council resume --all` or the button on /admin resumes it."
