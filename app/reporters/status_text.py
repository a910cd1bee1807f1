"""One line on where the review of a pull request stands: for `/council status` and `council status`."""

from app.store.pull_status import PullStatus, Stage


def status_line(status: PullStatus) -> str:
    """The answer to "why was this not reviewed?", in plain text."""
    head = f" `{status.head_sha[:7]}`" if status.head_sha else ""
    because = f": {status.reason}" if status.reason else ""
    match status.stage:
        case Stage.REVIEWED:
            return f"Reviewed{head}: {status.headline}." if status.headline else f"Reviewed{head}."
        case Stage.QUEUED:
            return f"The review of{head or ' the newest commit'} waits for its turn{because}."
        case Stage.UNDER_REVIEW:
            return f"The review of{head} is under way."
        case Stage.INCOMPLETE | Stage.FAILED:
            return f"The review of{head} could not finish{because}. `/council retry` tries again."
    return f"Not reviewed{because}. `/council review` reviews it now."
