"""Reads what happened to a path or a name before a commit, from the history on this machine."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from app.errors import UserError
from app.git.child import Bounds, GitError
from app.git.reader import Reader
from app.git.tree import Tree
from reviewers.context.repository.history_looks import MOST_COMMITS, PastCommit
from reviewers.context.repository.path_looks import clean_path

_LOG = ("log", "--no-show-signature", "--no-mailmap", "--no-color", "-z", f"-n{MOST_COMMITS}", "--format=%H%n%cs%n%B")
_BOUNDS = Bounds(seconds=10.0, bytes=20_000_000)
_SHORTEST_WORD, _SHORTEST_STEM, _MOST = 3, 4, 200


async def read_past(reader: Reader, tree: Tree, commit: str, target: str) -> Sequence[PastCommit] | None:
    """The commits that changed a path, otherwise those of the last 2,000 whose message names the target. None if they are missing."""
    path = clean_path(target)
    entry = tree.entries.get(path) if path else None
    is_folder = bool(path) and entry is None and any(each.startswith(f"{path}/") for each in tree.entries)
    if entry is not None or is_folder:
        changed = await _commits(reader, commit, entry.raw if entry is not None else (path or "").encode())
        return None if changed is None else changed[:_MOST]
    commits = await read_messages(reader, commit)
    if commits is None or (reader.location.shallow and len(commits) <= 1):
        return None
    return named_in(commits, [target.strip()])


async def read_messages(reader: Reader, commit: str) -> Sequence[PastCommit] | None:
    """The last 2,000 commits. None if they are missing."""
    return await _commits(reader, commit)


def words_of(tree: Tree, target: str) -> Sequence[str]:
    """The words by which a message may name a target: for a file also its name alone, with and without its ending."""
    path = clean_path(target)
    if not path or path not in tree.entries:
        return [target.strip()]
    name = PurePosixPath(path)
    return [path, name.name, *([name.stem] if len(name.stem) >= _SHORTEST_STEM else [])]


def named_in(commits: Sequence[PastCommit], words: Sequence[str]) -> Sequence[PastCommit]:
    """The commits whose message contains one of the words, in any case."""
    wanted = [word.lower() for word in words if len(word) >= _SHORTEST_WORD]
    return [commit for commit in commits if any(word in commit.message.lower() for word in wanted)][:_MOST]


async def _commits(reader: Reader, commit: str, *paths: bytes) -> list[PastCommit] | None:
    try:
        out = await reader.run(("--literal-pathspecs", *_LOG, commit, "--", *paths), bounds=_BOUNDS)
    except (GitError, UserError):
        # A shallow mirror has no trees of earlier commits.
        return None
    rows = (row.strip("\n").split("\n", 2) for row in out.decode("utf-8", "replace").split("\0"))
    return [PastCommit(sha=row[0], date=row[1], message=row[2].strip()) for row in rows if len(row) == 3]
