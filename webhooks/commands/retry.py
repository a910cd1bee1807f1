"""`/council retry`: repeat the last review."""

from webhooks.commands.command import CommandGroup, plain_command

RETRY = plain_command("retry", "retry the last review if it failed", CommandGroup.REVIEW)
