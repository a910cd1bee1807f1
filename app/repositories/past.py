"""Reads what happened to a path or a name before a commit, from the history that is on this machine."""

from collections.abc import Sequence

from app.errors import UserError
from app.git.child import Bounds, GitError
from app.git.reader import Reader
from app.git.tree import Tree
from reviewers.context.repository.history_looks import MOST_COMMITS, PastCommit
from reviewers.context.repository.path_looks import clean_path

_LOG = ("log", "--no-show-signature", "--no-mailmap", "--no-color", "-z", f"-n{MOST_COMMITS}", "--format=%H%n%cs%n%B")
_BOUNDS = Bounds(seconds=10.0, bytes=20_000_000)
_SHORTEST_WORD, _MOST = 3, 200


async def read_past(reader: Reader, tree: Tree, commit: str, target: str) -> Sequence[PastCommit] | None:
    """The commits that changed a path, or else those among the last 2,000 whose message names the target; None where they are not there."""
    path = clean_path(target)
    entry = tree.entries.get(path) if path else None
    folder = bool(path) and entry is None and any(each.startswith(f"{path}/") for each in tree.entries)
    words: tuple[str | bytes, ...] = (commit, "--")
    if entry is not None or folder:
        words = (commit, "--", entry.raw if entry is not None else (path or "").encode())
    try:
        out = await reader.run(("--literal-pathspecs", *_LOG, *words), bounds=_BOUNDS)
    except (GitError, UserError):
        # A shallow mirror has no trees of earlier commits.
        return None
    rows = (row.strip("\n").split("\n", 2) for row in out.decode("utf-8", "replace").split("\0"))
    commits = [PastCommit(sha=row[0], date=row[1], message=row[2].strip()) for row in rows if len(row) == 3]
    if len(words) == 3:
        return commits[:_MOST]
    if reader.location.shallow and len(commits) <= 1:
        return None
    wanted = target.strip().lower()
    return [each for each in commits if wanted in each.message.lower()][:_MOST] if len(wanted) >= _SHORTEST_WORD else []
