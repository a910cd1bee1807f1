"""The system of the pages' tests."""

__all__ = ["system"]
