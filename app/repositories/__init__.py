"""Repositories of GitHub on this machine: their mirrors, and what is read from them."""
