"""`/council pause`: stop reviewing pushes."""

from webhooks.commands.command import CommandGroup, plain_command

PAUSE = plain_command("pause", "stop reviewing pushes until someone resumes", CommandGroup.REVIEW)
