"""`/council resume`: reviews of pushes go on."""

from webhooks.commands.command import Group, plain

RESUME = plain("resume", "review pushes again, and this head if it was not reviewed", Group.REVIEW)
