"""`/council helpful`, `not-helpful`, `resolved` and `history`: rate an answer, and find earlier questions."""

from functools import partial

from webhooks.commands.command import Command, CommandGroup, CommandRight, Request
from webhooks.jobs import FeedbackKind, Job, RecordAnswerFeedback

_LONGEST = 500


def _remember(what: FeedbackKind, request: Request, argument: str) -> Job:
    return RecordAnswerFeedback(
        installation_id=request.installation_id,
        repository=request.repository,
        number=request.number,
        comment_id=request.comment_id,
        login=request.login,
        thread_id=request.thread_id,
        what=what,
        argument=argument[:_LONGEST],
    )


REMEMBERING = (
    Command(
        "helpful",
        "/council helpful",
        "say that the last answer here helped",
        partial(_remember, FeedbackKind.HELPFUL),
        CommandGroup.ASK,
        CommandRight.CHANGE,
    ),
    Command(
        "not-helpful",
        "/council not-helpful [why]",
        "say that the last answer here did not help",
        partial(_remember, FeedbackKind.NOT_HELPFUL),
        CommandGroup.ASK,
        CommandRight.CHANGE,
    ),
    Command(
        "resolved",
        "/council resolved [n]",
        "say that solution n of the last answer here worked",
        partial(_remember, FeedbackKind.RESOLVED),
        CommandGroup.ASK,
        CommandRight.CHANGE,
    ),
    Command(
        "history",
        "/council history <words>",
        "find earlier answers in this repository",
        partial(_remember, FeedbackKind.HISTORY),
        CommandGroup.ASK,
        CommandRight.LOOK,
    ),
)
