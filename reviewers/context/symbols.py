"""Finds the name of the function or class around a line: by syntax if the language is known, else by indentation and keywords."""

import re

from reviewers.context import units
from reviewers.context.languages import defines

_DEFINITION = re.compile(
    r"^(?P<indent>[ \t]*)"
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub(?:\([a-z]+\))?|unsafe|override|virtual)\s+)*"
    r"(?:def|class|func(?:\s*\([^)]*\))?|function\*?|fn|struct|interface|trait|impl|module|enum)\s+(?P<name>[A-Za-z_$][\w$]*)"
)


def symbol_at(path: str, text: str, line: int) -> str:
    """The name of the innermost definition that contains a line of a file, or ""."""
    if defines(path) and (found := units.read_units(path, text)):
        around = units.enclosing_units(found, line)
        return around[-1].name if around else ""
    return enclosing_name(text.split("\n"), line)


def enclosing_name(lines: list[str], number: int) -> str:
    """The name of the nearest definition at or above line `number` (1-based) that is indented less than it."""
    if not 1 <= number <= len(lines):
        return ""
    limit: int | None = None
    for line in reversed(lines[:number]):
        indent = len(line) - len(line.lstrip())
        found = _DEFINITION.match(line)
        if found and (limit is None or indent < limit):
            return found["name"]
        if line.strip() and (limit is None or indent < limit):
            limit = indent
        if limit == 0 and line.strip() and not line.startswith(("}", ")", "]", "@")):
            return ""
    return ""


def name_of_section(section: str) -> str:
    """The name in a hunk's section heading, which git puts after the second @@."""
    found = _DEFINITION.match(section)
    return found["name"] if found else ""
