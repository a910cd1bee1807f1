"""`/council retry`: repeat the last review."""

from webhooks.commands.command import Group, plain

RETRY = plain("retry", "retry the last review if it failed", Group.REVIEW)
