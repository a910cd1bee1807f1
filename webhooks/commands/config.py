"""`/council config`: show the settings that apply here."""

from webhooks.commands.command import Group, plain

CONFIG = plain("config", "the settings that hold here, and where each comes from", Group.LOOK)
