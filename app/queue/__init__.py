"""Inbox, doorbell, leases and the ledger."""
