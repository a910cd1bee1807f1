"""The repository around a change: its index, what can be asked of it, and what is shown before anybody asks."""
