"""The members of a council."""
