"""The inbox, the wake-up of workers, leases, and the money ledger."""
