"""`/council summary`: show the current state of the pull request."""

from webhooks.commands.command import Group, plain

SUMMARY = plain("summary", "show what is open now, in a few lines", Group.LOOK)
