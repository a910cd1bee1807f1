"""`/council cancel`: stop the current review."""

from webhooks.commands.command import CommandGroup, plain_command

CANCEL = plain_command("cancel", "stop the current review", CommandGroup.REVIEW)
