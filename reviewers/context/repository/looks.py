"""Change here which looks a model can request at a repository, and the form of a look and its answer."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from reviewers.values.value import FrozenValue


class LookKind(StrEnum):
    """READ lines of a file, FIND definitions of a name, its USES, SEARCH text or an RE2 pattern, OUTLINE a file or folder, HISTORY."""

    READ = "read"
    FIND = "find"
    USES = "uses"
    SEARCH = "search"
    OUTLINE = "outline"
    HISTORY = "history"


class Look(FrozenValue):
    """One question about a repository at one commit.

    `target` is a path (READ, OUTLINE, HISTORY), a name (FIND, USES, HISTORY), or a text (SEARCH; a pattern if `pattern`). USES takes
    several names, separated by commas. `seen` are lines, such as "a.py:3-9", that USES need not show again.
    `first` and `last` are line numbers of a READ, from 1; 0 means the whole file. `glob` limits a SEARCH to some paths.
    """

    kind: LookKind
    target: str
    first: int = 0
    last: int = 0
    pattern: bool = False
    glob: str = ""
    seen: tuple[str, ...] = ()


class SourceLine(FrozenValue):
    """A line of a file of the commit; `number` counts from 1."""

    path: str
    number: int
    text: str


class LookAnswer(FrozenValue):
    """The result of a look: `text` for a model, with paths and line numbers, not yet masked; the `lines` that it shows.

    `left_out` says in one clause what did not fit or was not searched, "" if nothing. For a path or name that does not exist, the
    answer has no lines, and its text says so.
    """

    look: Look
    text: str
    lines: tuple[SourceLine, ...] = ()
    left_out: str = ""


class RepositoryView(Protocol):
    """One commit of a repository, open for looks. A wrong path, name or pattern raises nothing: the answer says so."""

    commit: str

    async def look(self, look: Look, tokens: int) -> LookAnswer:
        """The answer within a token budget."""
        ...

    async def texts(self, paths: Sequence[str]) -> Mapping[str, str]:
        """The texts of the paths that exist at the commit, are not binary and have at most a million bytes."""
        ...
