"""Money: calls that were reserved and settled, sums per day, plans of accounts."""
