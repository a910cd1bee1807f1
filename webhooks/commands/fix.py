"""`/council fix <id>`: a patch for a finding."""

from webhooks.commands.by_id import about_finding

FIX = about_finding("fix", "", "a patch for a finding, to apply by hand")
