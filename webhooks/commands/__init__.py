"""The list of slash commands; the help derives from it."""

from collections.abc import Mapping

from webhooks.commands import help as help_text
from webhooks.commands.asking import ASKING
from webhooks.commands.command import Command, Request
from webhooks.commands.explain import EXPLAIN
from webhooks.commands.remembering import REMEMBERING
from webhooks.commands.review import REVIEW
from webhooks.jobs import Job


def _help(request: Request, argument: str) -> Job:
    return request.reply(help_text.text(COMMANDS.values()))


HELP = Command("help", "/council help", "show this list", _help)

COMMANDS: Mapping[str, Command] = {command.name: command for command in (REVIEW, *ASKING, EXPLAIN, *REMEMBERING, HELP)}

__all__ = ["COMMANDS", "Command", "Request"]
