"""Places in code that log lines name: `src/session.py:41`, `File "x.py", line 3`, `Main.java:[147,78]`, `app.ts(5,1)`."""

import re
from collections.abc import Iterable

from reviewers.values.value import FrozenValue

MOST = 60
_READ = 600
_PATH = r"[\w@+.~$/\\-]{0,240}[\w$-]\.[A-Za-z][A-Za-z0-9_+]{0,9}"
_PLACES = (
    re.compile(rf"(?<![\w@+.~$/\\:-])({_PATH})(?::\[?|\()(\d{{1,6}})(?=[\]:,.)\s]|$)"),
    re.compile(rf'File "({_PATH})", line (\d{{1,6}})'),
    re.compile(rf"(?<![\w@+.~$/\\-])({_PATH}):? (?:on |at )?line (\d{{1,6}})\b"),
)
_HOST = re.compile(r"://\S*")


class Reference(FrozenValue):
    """A file and line that a log line (counted from 1) names; `path` is spelled as in the log."""

    path: str
    line: int
    log_line: int


def references(lines: Iterable[tuple[int, str]]) -> tuple[Reference, ...]:
    """The places that numbered lines name, each place once, at its first mention."""
    found: dict[tuple[str, int], Reference] = {}
    for number, text in lines:
        said = _HOST.sub(" ", text[:_READ])
        for pattern in _PLACES:
            for match in pattern.finditer(said):
                path = match[1].replace("\\", "/").removeprefix("./")
                found.setdefault((path, int(match[2])), Reference(path=path, line=int(match[2]), log_line=number))
        if len(found) >= MOST:
            break
    return tuple(found.values())[:MOST]


def same_file(named: str, path: str) -> bool:
    """Whether a path in a log, absolute or relative to any folder, can be that file of the repository."""
    return named == path or named.endswith("/" + path) or ("/" in named and path.endswith("/" + named))
