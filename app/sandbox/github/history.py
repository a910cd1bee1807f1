"""The git half of a repository: commits by SHA, branches by name, and the changes between two commits."""

from collections.abc import Callable, Mapping
from datetime import datetime

from app.sandbox.github import git
from app.sandbox.github.diffs import FileChange, compare
from app.sandbox.github.refusal import not_found

SHORTEST_SHA = 7


class History:
    """Commits and branches. A fork shares its parent's commits."""

    def __init__(self, now: Callable[[], datetime], default_branch: str) -> None:
        self.default_branch = default_branch
        self.commits: dict[str, git.GitCommit] = {}
        self.branches: dict[str, str] = {}
        self._now = now
        self._diffs: dict[tuple[str, str], list[FileChange]] = {}

    def found(self, files: Mapping[str, str | bytes]) -> None:
        """Create the first commit."""
        self.branches[self.default_branch] = self.commit(git.as_files(files), (), "Initial commit", "octo-dev").sha

    def commit(self, files: git.Files, parents: tuple[str, ...], message: str, author: str) -> git.GitCommit:
        """Store a commit without moving a branch."""
        made = git.make_commit(files, parents, message, author, self._now())
        self.commits[made.sha] = made
        return made

    def push_branch(self, branch: str, changes: Mapping[str, str | bytes | None], author: str = "octo-dev", message: str = "") -> str:
        """Commit changed files on top of a branch (None deletes a file) and return the new SHA."""
        tip = self.branches.get(branch) or self.branches[self.default_branch]
        files = dict(self.commits[tip].files)
        files.update(git.as_files({path: content for path, content in changes.items() if content is not None}))
        for path in [path for path, content in changes.items() if content is None]:
            files.pop(path, None)
        commit = self.commit(files, (tip,), message or f"Update {next(iter(changes), 'nothing')}", author)
        self.branches[branch] = commit.sha
        return commit.sha

    def resolve(self, ref: str) -> git.GitCommit:
        """The commit of a branch name, `HEAD` or a SHA."""
        name = ref.removeprefix("refs/").removeprefix("heads/")
        if name in ("", "HEAD"):
            name = self.default_branch
        sha = self.branches.get(name) or (name if name in self.commits else None)
        if sha is None and len(name) >= SHORTEST_SHA:
            sha = next((commit for commit in self.commits if commit.startswith(name)), None)
        if sha is None:
            raise not_found()
        return self.commits[sha]

    def diff(self, base: str, head: str) -> list[FileChange]:
        """The changes of `base...head`, cached because they never change."""
        merged = git.merge_base(self.commits, head, base) or base
        if (merged, head) not in self._diffs:
            self._diffs[merged, head] = compare(self.commits[merged].files, self.commits[head].files)
        return self._diffs[merged, head]

    def commits_since(self, base: str, head: str) -> list[str]:
        """The commits of a pull request from `base` to `head`, oldest first."""
        merged = git.merge_base(self.commits, head, base) or base
        before = {commit.sha for commit in git.ancestry(self.commits, merged)}
        return [commit.sha for commit in reversed(git.ancestry(self.commits, head)) if commit.sha not in before]
