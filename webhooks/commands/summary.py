"""`/council summary`: show the current state of the pull request."""

from webhooks.commands.command import CommandGroup, plain_command

SUMMARY = plain_command("summary", "show what is open now, in a few lines", CommandGroup.LOOK)
