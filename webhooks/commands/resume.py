"""`/council resume`: review pushes again."""

from webhooks.commands.command import CommandGroup, plain_command

RESUME = plain_command("resume", "review pushes again, and this head if it has no review yet", CommandGroup.REVIEW)
