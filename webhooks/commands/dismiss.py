"""`/council dismiss <id> [reason]`: a finding that is not to come back."""

from webhooks.commands.by_id import about_finding

DISMISS = about_finding("dismiss", " [reason]", "dismiss a finding; it stays listed as dismissed")
