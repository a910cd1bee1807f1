"""`/council restore <id>`: undo a dismissal."""

from webhooks.commands.by_id import about_finding

RESTORE = about_finding("restore", "", "undo a dismissal")
