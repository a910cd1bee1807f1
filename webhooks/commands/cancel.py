"""`/council cancel`: stop the current review."""

from webhooks.commands.command import Group, plain

CANCEL = plain("cancel", "stop the current review", Group.REVIEW)
