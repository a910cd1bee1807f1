"""`/council cost`: show the cost of this pull request."""

from webhooks.commands.command import CommandGroup, plain_command

COST = plain_command("cost", "show what this pull request has cost, and what is left of the budget", CommandGroup.LOOK)
