"""The list of slash commands, from which the help is built. Add a command here."""

from collections.abc import Mapping

from webhooks.commands import help as help_text
from webhooks.commands.answer_memory import REMEMBERING
from webhooks.commands.ask import ASKING
from webhooks.commands.ci import CI
from webhooks.commands.command import Command, CommandGroup, CommandRight, Request
from webhooks.commands.explain import EXPLAIN
from webhooks.commands.fix import FIX
from webhooks.commands.review import REVIEW
from webhooks.commands.simple_commands import CANCEL, CONFIG, COST, DISMISS, PAUSE, RESTORE, RESUME, RETRY, STATUS, SUMMARY
from webhooks.commands.why import WHY
from webhooks.jobs import Job


def _help(request: Request, argument: str) -> Job:
    return request.reply(help_text.text(COMMANDS.values()))


HELP = Command("help", "/council help", "show this list", _help, CommandGroup.LOOK, CommandRight.LOOK)

COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        REVIEW,
        PAUSE,
        RESUME,
        CANCEL,
        RETRY,
        CI,
        EXPLAIN,
        WHY,
        FIX,
        DISMISS,
        RESTORE,
        STATUS,
        SUMMARY,
        CONFIG,
        COST,
        *ASKING,
        *REMEMBERING,
        HELP,
    )
}

__all__ = ["COMMANDS", "Command", "Request"]
