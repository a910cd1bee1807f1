"""`/council retry`: the last review once more."""

from webhooks.commands.command import Group, plain

RETRY = plain("retry", "run the last review again where it failed", Group.REVIEW)
