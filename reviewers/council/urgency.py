"""Decides whether a pull request cannot wait: by its labels, its branch, or the person who asked."""

import re
from collections.abc import Sequence

_LABEL = re.compile(r"(?i)^(?:urgent|hot-?fix|emergency|p0|sev-?[01]|incident|priority[:/ -]+(?:urgent|critical|highest|p0))$")
_BRANCH = re.compile(r"(?i)^(?:hot-?fix|emergency|incident)(?:[/_-]|$)")
_ASKED = re.compile(r"(?i)\b(?:urgent(?:ly)?|hot-?fix|asap|emergency)\b")


def find_urgency(labels: Sequence[str], branch: str, focus: str) -> str:
    """Why it is urgent, in one clause, or ""."""
    if label := next((each for each in labels if _LABEL.match(each.strip())), ""):
        return f"label {label}"
    if _BRANCH.match(branch):
        return f"branch {branch}"
    return "the command says so" if _ASKED.search(focus) else ""
