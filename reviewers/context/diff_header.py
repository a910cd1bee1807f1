"""Parses the header of one file in a diff: its unquoted names, the kind of change, and its modes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reviewers.context.snapshot import FileStatus

_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-7]{3})|(.))", re.DOTALL)
_PREFIX = re.compile(r"[abciow12]/")
_NOTHING = "/dev/null"
_SECTION = ("diff --git ", "diff --cc ", "diff --combined ")
_BODY = ("@@ ", "@@@", "Binary files ", "GIT binary patch", *_SECTION)
_WORDS = (
    *("--- ", "+++ ", "rename from ", "rename to ", "copy from ", "copy to "),
    *("new file mode ", "deleted file mode ", "old mode ", "new mode ", "index "),
)


@dataclass(frozen=True)
class Header:
    """Names are spelled as in the tree; `previous_path` is set for renames and copies only; modes are "" if the diff does not name them."""

    path: str
    previous_path: str | None
    status: FileStatus
    old_mode: str
    new_mode: str
    mode_only: bool
    problem: str = ""


def file_begins(lines: Sequence[str], at: int) -> bool:
    """Whether a file's section begins here: with git's own line, or with the two names of a plain unified diff."""
    line = lines[at]
    return line.startswith(_SECTION) or (
        line.startswith("--- ") and at + 2 < len(lines) and lines[at + 1].startswith("+++ ") and lines[at + 2].startswith("@@ ")
    )


def read_header(lines: Sequence[str], at: int) -> tuple[Header, int]:
    """The header of the section that begins here, and the index of the line after it."""
    said: dict[str, str] = {}
    first = lines[at]
    at += first.startswith(_SECTION)
    while at < len(lines) and not lines[at].startswith(_BODY):
        for word in _WORDS:
            if lines[at].startswith(word):
                said.setdefault(word, lines[at][len(word) :])
                break
        at += 1
    return _header(first, said, hunks=at < len(lines) and lines[at].startswith("@@")), at


def _header(first: str, said: dict[str, str], *, hunks: bool) -> Header:
    old, new = _names(first, said)
    moved = "rename from " in said or "copy from " in said
    path = new if new not in ("", _NOTHING) else old
    status = FileStatus.MODIFIED
    if "new file mode " in said or old == _NOTHING:
        status = FileStatus.ADDED
    elif "deleted file mode " in said or new == _NOTHING:
        status = FileStatus.REMOVED
    elif moved:
        status = FileStatus.RENAMED if "rename from " in said else FileStatus.COPIED
    shared = said.get("index ", "").partition(" ")[2].strip()
    old_mode = said.get("old mode ") or said.get("deleted file mode ") or shared
    new_mode = said.get("new mode ") or said.get("new file mode ") or shared
    problem = "" if path else "its name cannot be read"
    return Header(path, old if moved else None, status, old_mode.strip(), new_mode.strip(), not hunks and not moved, problem)


def _names(first: str, said: dict[str, str]) -> tuple[str, str]:
    """The old and the new name, from the first line that is unambiguous."""
    for verb in ("rename", "copy"):
        if f"{verb} from " in said and f"{verb} to " in said:
            return unquote(said[f"{verb} from "]), unquote(said[f"{verb} to "])
    if first.startswith(("diff --cc ", "diff --combined ")):
        name = unquote(first.partition(" ")[2].partition(" ")[2])
        return name, name
    if "--- " in said and "+++ " in said:
        # A tab is followed by a date, or by nothing after a name with a space; git quotes a name that contains a tab.
        old, new = (unquote(said[word].partition("\t")[0].removesuffix("\r")) for word in ("--- ", "+++ "))
        return _bare(old, new)
    return _halved(first.removeprefix("diff --git "))


def _bare(old: str, new: str) -> tuple[str, str]:
    """Names without `a/` and `b/` if both have a prefix: with `diff.noprefix`, neither has one."""
    ends = [name for name in (old, new) if name != _NOTHING]
    if not all(_PREFIX.match(name) for name in ends) or (len(ends) == 2 and old[0] == new[0]):
        return old, new
    return (old if old == _NOTHING else old[2:]), (new if new == _NOTHING else new[2:])


def _halved(names: str) -> tuple[str, str]:
    """The one name that a header without other lines contains twice; a rename has lines that say so."""
    if names.startswith('"') or names.endswith('"'):
        parts = _split_quoted(names)
        return _bare(*parts) if parts else ("", "")
    middle = len(names) // 2
    if len(names) % 2 and names[middle] == " ":
        old, new = names[:middle], names[middle + 1 :]
        if old == new or (_PREFIX.match(old) and _PREFIX.match(new) and old[2:] == new[2:]):
            return _bare(old, new)
    return "", ""


def _split_quoted(names: str) -> tuple[str, str] | None:
    # An unquoted name contains no quote mark, but may contain blanks.
    quoted = _QUOTED.match(names)
    old, blank, new = (quoted[0], names[quoted.end() :][:1], names[quoted.end() + 1 :]) if quoted else names.partition(' "')
    new = new if quoted else f'"{new}'
    return (unquote(old), unquote(new)) if blank[:1] == " " and new.strip() else None


def unquote(name: str) -> str:
    """A name as git prints it, without its C quotes: octal escapes are bytes of UTF-8."""
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):
        return name
    out, at = bytearray(), 0
    inside = name[1:-1]
    for found in _ESCAPE.finditer(inside):
        out += inside[at : found.start()].encode("utf-8", "replace")
        if found[1]:
            out.append(int(found[1], 8) & 0xFF)
        elif found[2] in _ESCAPES:
            out.append(_ESCAPES[found[2]])
        else:
            out += found[2].encode("utf-8", "replace")
        at = found.end()
    out += inside[at:].encode("utf-8", "replace")
    return out.decode("utf-8", "replace")
