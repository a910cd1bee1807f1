"""Deliberation: opinions, merge, critique, rank, synthesis."""
