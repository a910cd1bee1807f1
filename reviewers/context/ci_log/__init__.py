"""Extracts the cause of a failed job from its log, within a token budget."""
