"""`/council ci`: why CI is red."""

from webhooks.commands.command import Group, plain

CI = plain("ci", "ask the council why CI is red", Group.REVIEW)
