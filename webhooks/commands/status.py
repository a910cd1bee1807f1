"""`/council status`: show whether the newest commit was reviewed, and why not."""

from webhooks.commands.command import CommandGroup, plain_command

STATUS = plain_command("status", "show whether the newest commit was reviewed, and why not", CommandGroup.LOOK)
