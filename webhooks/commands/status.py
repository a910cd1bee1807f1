"""`/council status`: show whether the newest commit was reviewed, and why not."""

from webhooks.commands.command import Group, plain

STATUS = plain("status", "show whether the newest commit was reviewed, and why not", Group.LOOK)
