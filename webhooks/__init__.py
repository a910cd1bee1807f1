"""Turns webhook deliveries into jobs."""
