"""Reads the commits of a git repository as diffs and contents, for benchmarks that need real changes."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--unified=3", "--src-prefix=a/", "--dst-prefix=b/")


@dataclass(frozen=True)
class History:
    """A repository; an empty path means the one of this file."""

    path: str = ""

    @property
    def missing(self) -> str:
        """Why there is nothing to read, "" if there are commits."""
        done = subprocess.run(["git", "rev-parse", "--verify", "-q", "HEAD"], cwd=self.path or HERE, capture_output=True, check=False)
        return f"no git history at {self.path or HERE}: give --repo" if done.returncode else ""

    @cached_property
    def empty_tree(self) -> str:
        return self.git("hash-object", "-t", "tree", "--stdin").decode().strip()

    def changes(self, most: int = 0) -> list[tuple[str, str]]:
        """(parent, commit) pairs, the newest first; a root commit's parent is the empty tree."""
        limit = ("-n", str(most)) if most else ()
        rows = self.git("log", "--format=%H %P", *limit).decode().splitlines()
        return [(row.split()[1] if " " in row.strip() else self.empty_tree, row.split()[0]) for row in rows]

    def diff(self, base: str, head: str, *more: str) -> bytes:
        """`git diff` as Council runs it."""
        return self.git("diff", *PLAIN, *more, base, head)

    def numstat(self, base: str, head: str) -> Iterator[tuple[str, int | None, int | None]]:
        """(new path, added, deleted) by `git diff --numstat -z`; None for a binary file."""
        # Not with --unified, which outputs the patch as well.
        plain = [word for word in PLAIN if not word.startswith("--unified")]
        words = iter(self.git("diff", *plain, "--numstat", "-z", base, head).split(b"\0"))
        for word in words:
            if not word:
                continue
            added, deleted, path = word.split(b"\t", 2)
            if not path:
                next(words)
                path = next(words)
            yield path.decode("utf-8", "replace"), _number(added), _number(deleted)

    def content(self, commit: str, path: str) -> str | None:
        """A file at a commit, or None if it does not exist."""
        done = subprocess.run(["git", "cat-file", "blob", f"{commit}:{path}"], cwd=self.path or HERE, capture_output=True, check=False)
        return None if done.returncode else done.stdout.decode("utf-8", "replace")

    def git(self, *words: str) -> bytes:
        """The output of git."""
        safe = ("-c", "core.quotePath=true", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never")
        return subprocess.run(
            ["git", *safe, *words], cwd=self.path or HERE, capture_output=True, check=True, stdin=subprocess.DEVNULL
        ).stdout


def _number(text: bytes) -> int | None:
    return None if text == b"-" else int(text)
