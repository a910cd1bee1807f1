"""`/council resume`: review pushes again."""

from webhooks.commands.command import Group, plain

RESUME = plain("resume", "review pushes again, and this head if nobody looked at it yet", Group.REVIEW)
