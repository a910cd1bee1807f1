"""`/council explain <id>`: a finding in full, with who said what about it."""

from webhooks.commands.by_id import about_finding

EXPLAIN = about_finding("explain", "", "a finding in full, and what each seat said about it")
