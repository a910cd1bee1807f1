"""GitHub's JSON for each of the sandbox's objects."""
