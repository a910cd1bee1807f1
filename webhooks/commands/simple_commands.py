"""The slash commands that take no argument, or a finding's id alone: add one here, and its action in `app/work/commands/actions.py`."""

from webhooks.commands.by_id import about_finding
from webhooks.commands.command import CommandGroup, CommandRight, plain_command

PAUSE = plain_command("pause", "review no further pushes until somebody resumes", CommandGroup.REVIEW, CommandRight.CHANGE)
RESUME = plain_command("resume", "review pushes again, and this head if nobody looked at it yet", CommandGroup.REVIEW, CommandRight.CHANGE)
CANCEL = plain_command("cancel", "stop the review under way", CommandGroup.REVIEW, CommandRight.CHANGE)
RETRY = plain_command("retry", "run the last review again where it failed", CommandGroup.REVIEW, CommandRight.PAY)
DISMISS = about_finding("dismiss", " [reason]", "set a finding aside for good; it stays listed as dismissed", CommandRight.CHANGE)
RESTORE = about_finding("restore", "", "take a dismissal back", CommandRight.CHANGE)
STATUS = plain_command("status", "whether the newest commit was reviewed, and why not", CommandGroup.LOOK, CommandRight.LOOK)
SUMMARY = plain_command("summary", "what is open now, in a few lines", CommandGroup.LOOK, CommandRight.LOOK)
CONFIG = plain_command("config", "the settings that hold here, and where each comes from", CommandGroup.LOOK, CommandRight.TELL)
COST = plain_command("cost", "what this pull request has cost, and what is left of the budget", CommandGroup.LOOK, CommandRight.TELL)
