"""`/council restore <id>`: take a dismissal back."""

from webhooks.commands.by_id import about_finding

RESTORE = about_finding("restore", "", "undo a dismissal")
