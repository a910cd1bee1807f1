"""`/council dismiss <id> [reason]`: dismiss a finding for good."""

from webhooks.commands.by_id import about_finding

DISMISS = about_finding("dismiss", " [reason]", "dismiss a finding for good; it stays listed as dismissed")
