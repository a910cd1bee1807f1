"""Patches as GitHub gives them, for stories and benchmarks that make up a change."""

import difflib


def build_patch(base: str | None, head: str | None, context: int = 3) -> str | None:
    """What GitHub's `/files` would have given for these two contents, or None when they are equal."""
    old, new = _lines(base), _lines(head)
    parts: list[str] = []
    for line in list(difflib.unified_diff(old, new, n=context, lineterm=""))[2:]:
        if line.startswith("@@"):
            parts.append(line)
        elif line.endswith("\n"):
            parts.append(line[:-1])
        else:
            parts.extend((line, "\\ No newline at end of file"))
    return "\n".join(parts) or None


def _lines(text: str | None) -> list[str]:
    """Lines that end where git ends them: a form feed or U+2028 is a character like any other."""
    if not text:
        return []
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])
