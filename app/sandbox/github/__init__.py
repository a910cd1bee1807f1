"""A stateful GitHub: its objects, its rules, and its REST and GraphQL APIs."""
