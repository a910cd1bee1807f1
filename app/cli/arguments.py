"""Reads text arguments: what the shell passes may be no UTF-8."""

from reviewers.context.invisible import without_broken_characters


def readable_text(text: str) -> str:
    """The argument, with U+FFFD for each byte that is no UTF-8: a model's host takes no other text."""
    return without_broken_characters(text)
