"""`/council summary`: where the pull request stands."""

from webhooks.commands.command import Group, plain

SUMMARY = plain("summary", "the open findings in a few lines", Group.LOOK)
