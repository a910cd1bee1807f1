"""`/council cost`: show the cost of this pull request."""

from webhooks.commands.command import Group, plain

COST = plain("cost", "show what this pull request has cost, and what is left of the budget", Group.LOOK)
