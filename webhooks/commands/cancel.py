"""`/council cancel`: stop the review under way."""

from webhooks.commands.command import Group, plain

CANCEL = plain("cancel", "stop the review in progress", Group.REVIEW)
