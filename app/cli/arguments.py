"""Text arguments of commands. The shell can pass bytes that are not UTF-8."""

from reviewers.context.hidden_characters import without_broken_characters


def readable_text(text: str) -> str:
    """The argument, with U+FFFD for each byte that is not UTF-8, because model hosts accept only valid UTF-8."""
    return without_broken_characters(text)
