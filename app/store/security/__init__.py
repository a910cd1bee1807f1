"""Sessions, API tokens, secrets, the vault that seals them, and the audit log."""
