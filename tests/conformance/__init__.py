"""Checks our requests, and the sandbox's answers, against GitHub's own descriptions."""
