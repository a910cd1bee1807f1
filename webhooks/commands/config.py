"""`/council config`: show the settings that apply here."""

from webhooks.commands.command import Group, plain

CONFIG = plain("config", "show the settings that apply here, and where each comes from", Group.LOOK)
