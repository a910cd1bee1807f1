"""The command line: `council`."""

from app.cli.entry import main

__all__ = ["main"]
