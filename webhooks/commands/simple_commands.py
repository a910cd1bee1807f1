"""The slash commands that take no argument, or a finding's id alone: add one here, and its action in `app/work/commands/actions.py`."""

from webhooks.commands.by_id import about_finding
from webhooks.commands.command import CommandGroup, CommandRight, plain_command

PAUSE = plain_command("pause", "stop reviewing pushes until someone resumes", CommandGroup.REVIEW, CommandRight.CHANGE)
RESUME = plain_command("resume", "review pushes again, and this head if it has no review yet", CommandGroup.REVIEW, CommandRight.CHANGE)
CANCEL = plain_command("cancel", "stop the current review", CommandGroup.REVIEW, CommandRight.CHANGE)
RETRY = plain_command("retry", "retry the last review if it failed", CommandGroup.REVIEW, CommandRight.PAY)
DISMISS = about_finding("dismiss", " [reason]", "dismiss a finding for good; it stays listed as dismissed", CommandRight.CHANGE)
RESTORE = about_finding("restore", "", "undo a dismissal", CommandRight.CHANGE)
STATUS = plain_command("status", "show whether the newest commit was reviewed, and why not", CommandGroup.LOOK, CommandRight.LOOK)
SUMMARY = plain_command("summary", "show what is open now, in a few lines", CommandGroup.LOOK, CommandRight.LOOK)
CONFIG = plain_command("config", "show the settings that apply here, and where each comes from", CommandGroup.LOOK, CommandRight.TELL)
COST = plain_command("cost", "show what this pull request has cost, and what is left of the budget", CommandGroup.LOOK, CommandRight.TELL)
