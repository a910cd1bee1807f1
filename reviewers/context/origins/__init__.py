"""Finds out who wrote a file: people, a generator, or the authors of another project."""
