"""`/council status`: whether the newest commit was reviewed, and why not."""

from webhooks.commands.command import Group, plain

STATUS = plain("status", "whether the newest commit was reviewed, and if not, why", Group.LOOK)
