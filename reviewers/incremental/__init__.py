"""A review that follows an earlier one: what is new since then, and what became of the earlier findings."""
