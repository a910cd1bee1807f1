"""`/council config`: show the settings that apply here."""

from webhooks.commands.command import CommandGroup, plain_command

CONFIG = plain_command("config", "show the settings that apply here, and where each comes from", CommandGroup.LOOK)
