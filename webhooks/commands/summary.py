"""`/council summary`: where the pull request stands."""

from webhooks.commands.command import Group, plain

SUMMARY = plain("summary", "what is open now, in a few lines", Group.LOOK)
