"""`/council config`: the settings that hold here."""

from webhooks.commands.command import Group, plain

CONFIG = plain("config", "the settings that apply here, and where each comes from", Group.LOOK)
