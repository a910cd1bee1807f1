"""`/council resume`: review pushes again."""

from webhooks.commands.command import Group, plain

RESUME = plain("resume", "review pushes again, and this head if it has no review yet", Group.REVIEW)
