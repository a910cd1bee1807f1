"""`/council pause`: stop reviewing pushes."""

from webhooks.commands.command import Group, plain

PAUSE = plain("pause", "review no further pushes until somebody resumes", Group.REVIEW)
