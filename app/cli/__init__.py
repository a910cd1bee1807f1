"""The command line: `council`."""

from app.cli.main import main

__all__ = ["main"]
