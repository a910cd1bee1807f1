"""Finds the files of a commit that contain names from code, the rarest names first."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import UserError
from app.git.child import Bounds, GitError
from app.git.reader import Reader

_BOUNDS = Bounds(seconds=20.0, bytes=20_000_000)
_MOST_NAMES = 20
# A name in more files than this says nothing about where to look.
_COMMON = 40
_MOST_LINES = 3


@dataclass(frozen=True)
class GrepHit:
    """A file that contains a name, and the first matching lines, 1-based."""

    path: str
    lines: tuple[int, ...]


async def find_names(reader: Reader, commit: str, names: Sequence[str], most: int) -> tuple[GrepHit, ...]:
    """At most `most` files that contain these names as whole words, in any case. Empty if git fails."""
    wanted = [name.lower() for name in names if "\n" not in name and len(name) > 2][:_MOST_NAMES]
    if not wanted:
        return ()
    patterns = [word for name in wanted for word in ("-e", name)]
    words = ("grep", "-n", "-z", "-I", "-i", "-w", "-F", "--full-name", "--no-color", *patterns, commit, "--")
    try:
        out = await reader.run(words, bounds=_BOUNDS)
    except (GitError, UserError):
        # Exit 1 is "no match". Too many lines or too long a search must not leave a question without an answer.
        return ()
    lines: dict[str, list[int]] = defaultdict(list)
    holders: dict[str, set[str]] = defaultdict(set)
    for row in out.decode("utf-8", "replace").split("\n"):
        place, _, rest = row.partition("\0")
        number, _, text = rest.partition("\0")
        path = place.partition(":")[2]
        if path and number.isdigit():
            lower = text.lower()
            lines[path].append(int(number))
            for name in wanted:
                if name in lower:
                    holders[name].add(path)
    score: dict[str, float] = defaultdict(float)
    for paths in holders.values():
        for path in paths if len(paths) <= _COMMON else ():
            score[path] += 1 / math.sqrt(len(paths))
    best = sorted(score, key=lambda path: (-score[path], path))[:most]
    return tuple(GrepHit(path, tuple(lines[path][:_MOST_LINES])) for path in best)
