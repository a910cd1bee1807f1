"""The composition roots: one for the process that answers webhooks, one for the process that works."""
