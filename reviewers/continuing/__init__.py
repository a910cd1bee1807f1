"""A review that follows an earlier one: what is new since, and what became of what was said."""
