"""Builds councils: which models sit, by which route each is called, and what a call is wrapped in."""
