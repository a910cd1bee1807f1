"""The cause of a failed job, taken from its log within a budget of tokens."""
