"""`/council pause`: stop reviewing pushes."""

from webhooks.commands.command import Group, plain

PAUSE = plain("pause", "stop reviewing pushes until someone resumes", Group.REVIEW)
