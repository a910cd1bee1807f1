"""Reverts header-less patches from GitHub's file list to get the base, and rebuilds a missing patch."""

import re
from difflib import SequenceMatcher

MAX_LINES = 20_000
CONTEXT = 3
NO_NEWLINE = "\\ No newline at end of file"

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def take_back(patch: str, head: str) -> str | None:
    """The content that `patch` was made from (the merge base's, which no blob query names), or None if it does not fit `head`."""
    lines = _lines(head)
    out: list[str] = []
    at = 0
    old_end = new_end = "\n"
    last = ""
    for row in patch.split("\n"):
        if hunk := _HUNK.match(row):
            start = int(hunk[3]) - (0 if hunk[4] == "0" else 1)
            if start < at or start > len(lines):
                return None
            out += lines[at:start]
            at, last = start, ""
        elif row == NO_NEWLINE:
            old_end = "" if last in "- " else old_end
            new_end = "" if last in "+ " else new_end
        elif row[:1] in {"+", " "} and row:
            if at >= len(lines) or lines[at].removesuffix("\n") != row[1:]:
                return None
            out += [lines[at]] if row[0] == " " else []
            at, last = at + 1, row[0]
        elif row[:1] == "-":
            out.append(row[1:] + "\n")
            last = "-"
        elif row:
            return None
    rest = lines[at:]
    if not rest and out and old_end == "":
        out[-1] = out[-1].removesuffix("\n")
    elif not rest and out and new_end == "":
        out[-1] = out[-1].removesuffix("\n") + "\n"
    return "".join(out + rest)


def rebuild(base: str, head: str) -> str | None:
    """A header-less unified diff of two contents, or None if they are too long to compare."""
    old, new = _lines(base), _lines(head)
    if len(old) + len(new) > MAX_LINES:
        return None
    rows: list[str] = []
    for group in SequenceMatcher(None, old, new, autojunk=len(old) > 2_000).get_grouped_opcodes(CONTEXT):
        first, last = group[0], group[-1]
        rows.append(f"@@ -{_span(first[1], last[2])} +{_span(first[3], last[4])} @@")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                rows += _marked(" ", old[i1:i2])
            else:
                rows += _marked("-", old[i1:i2]) + _marked("+", new[j1:j2])
    return "\n".join(rows)


def _lines(text: str) -> list[str]:
    # Not splitlines(): git splits lines at \n only; U+2028 and \f may be inside a line.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _span(start: int, stop: int) -> str:
    length = stop - start
    return f"{start + (1 if length else 0)},{length}"


def _marked(mark: str, lines: list[str]) -> list[str]:
    rows: list[str] = []
    for line in lines:
        rows.append(mark + line.removesuffix("\n"))
        if not line.endswith("\n"):
            rows.append(NO_NEWLINE)
    return rows
