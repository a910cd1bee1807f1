"""GitHub, seen through one door."""
