"""`/council retry`: repeat the last review."""

from webhooks.commands.command import Group, plain

RETRY = plain("retry", "run the last review again where it failed", Group.REVIEW)
