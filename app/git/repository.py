"""A local repository as Council reads it: commit names, a snapshot of two commits, and texts. Nothing in it is executed or obeyed."""

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError
from app.git.child import Bounds, GitError, task_group
from app.git.grep import GrepHit, find_names
from app.git.reader import Reader, open_reader
from app.git.tree import Tree, read_tree
from app.git.uncommitted import Uncommitted
from reviewers.context.diff_index import IndexedFile, index
from reviewers.context.encodings import read_text, with_rebuilt_patch
from reviewers.context.guidelines import ROOT_NAMES, counts_for, find_nested
from reviewers.context.notebooks.showing import show_cells
from reviewers.context.origins.attributes import attribute_files
from reviewers.context.origins.marking import mark_origins
from reviewers.context.project_map import MANIFESTS, survey
from reviewers.context.snapshot import (
    ChangedFile,
    EarlierCommit,
    FileStatus,
    Guideline,
    Project,
    RecentChange,
    Snapshot,
)

CONFIG_PATH = ".github/council.yml"
_MOST_TOUCHED = 8
_DIFF = (
    *("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--find-renames", "--unified=3", "--inter-hunk-context=0"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--diff-algorithm=default", "--ignore-submodules=none"),
)
_LOG = ("log", "--no-show-signature", "--no-mailmap", "--no-color")


@dataclass(frozen=True)
class Range:
    """Two commits, the base and the head of a change."""

    base: str
    head: str


class LocalRepository:
    """A git repository on this machine, opened by `open_repository`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._trees: dict[str, Tree] = {}

    async def resolve(self, text: str) -> Range:
        """The commits of `BASE..HEAD`, `BASE...HEAD` (from their merge base) or `BASE` alone (up to HEAD)."""
        base, dots, head = text.partition("..")
        parted = dots and head.startswith(".")
        first, last = await self._commit(base or "HEAD"), await self._commit(head.lstrip(".") or "HEAD")
        if parted:
            first = await self._fork_point(text, first, last)
        return Range(first, last)

    async def default_range(self) -> str:
        """From the merge base of HEAD and the default branch: origin's, otherwise main or master."""
        for base in ("origin/HEAD", "origin/main", "origin/master", "main", "master"):
            if await self._lookup(base) is not None:
                return f"{base}...HEAD"
        await self.tip()
        raise UserError(f"{self._reader.folder} has no branch main or master to compare with; specify the commits: BASE...HEAD")

    async def uncommitted(self, *, staged: bool) -> Range:
        """HEAD, and what is not committed yet: the staged changes, or everything in the folder."""
        work = Uncommitted(self._reader, await self._lookup("HEAD"))
        return Range(await work.base(), await work.staged() if staged else await work.worktree())

    async def ahead(self, chosen: Range) -> int:
        """How many commits the base has that the head lacks. With `..` a review shows them as reverted."""
        return int((await self._reader.run(("rev-list", "--count", f"{chosen.head}..{chosen.base}"))).decode())

    async def snapshot(self, chosen: Range) -> Snapshot:
        """The change between two commits, as if it were a pull request."""
        async with task_group() as group:
            diff = group.create_task(self._reader.run((*_DIFF, chosen.base, chosen.head)))
            log = group.create_task(self._commits(chosen))
            base, head = await self._tree(chosen.base), await self._tree(chosen.head)
        changes, commits = index(diff.result().decode("utf-8", "replace")), log.result()
        old = [_old(file) for file in changes.files if file.status is not FileStatus.ADDED]
        new = [file.path for file in changes.files if file.status is not FileStatus.REMOVED]
        async with task_group() as group:
            reading = group.create_task(head.texts(new))
            attributes, guided = attribute_files(tuple(new)), (*find_nested(base.entries, new), *ROOT_NAMES)
            before = await base.texts([*old, *guided, *MANIFESTS, *attributes])
        after = reading.result()
        files = [_changed(file, changes.patch(file), before.get(_old(file)), after.get(file.path)) for file in changes.files]
        decoded = await _decoded(base, head, [file for file in changes.files if file.binary])
        files = [with_rebuilt_patch(file, *decoded[file.path]) if file.path in decoded else file for file in files]
        return Snapshot(
            repository=self.name,
            number=0,
            url="",
            title=commits[0].message.split("\n", 1)[0] if commits else f"{chosen.base[:7]}..{chosen.head[:7]}",
            body="",
            author="",
            base_ref=chosen.base[:12],
            base_sha=chosen.base,
            head_ref=chosen.head[:12],
            head_sha=chosen.head,
            files=show_cells(mark_origins(files, {path: before[path] for path in attributes if path in before}, list(head.entries))),
            commits=commits,
            guidelines=tuple(
                Guideline(path=path, text=before[path]) for path in guided if path in before and counts_for(path, before[path], new)
            ),
            project=await self._project(chosen, files, {path: before[path] for path in MANIFESTS if path in before}),
        )

    async def _project(self, chosen: Range, files: Sequence[ChangedFile], manifests: dict[str, str]) -> Project:
        """The tree at the head, the manifests of the base, and the earlier changes of the touched files."""
        touched = [file.previous_path or file.path for file in files if file.status is not FileStatus.ADDED]
        return survey(await self.paths(chosen.head), manifests, await self.recent(chosen.base, touched))

    @property
    def reader(self) -> Reader:
        """The Reader that runs git on it, for other modules that read its objects."""
        return self._reader

    @property
    def name(self) -> str:
        """The name of its folder."""
        return os.fsencode(self._reader.folder.resolve().name).decode("utf-8", "replace")

    async def tip(self) -> str:
        """The commit of HEAD."""
        return await self._commit("HEAD")

    async def paths(self, commit: str) -> list[str]:
        """Every file of a commit."""
        return list((await self._tree(commit)).entries)

    async def texts(self, commit: str, paths: Sequence[str]) -> dict[str, str]:
        """The texts of the paths that exist at a commit, are not too large and are not binary."""
        return await (await self._tree(commit)).texts(paths)

    async def holding(self, commit: str, names: Sequence[str], most: int) -> tuple[GrepHit, ...]:
        """At most so many files that contain names of code as whole words."""
        return await find_names(self._reader, commit, names, most)

    async def recent(self, commit: str, touched: Sequence[str]) -> list[RecentChange]:
        """The latest changes of these files, up to a commit."""
        entries = (await self._tree(commit)).entries
        known = [path for path in touched[:_MOST_TOUCHED] if path in entries]
        async with task_group() as group:
            logs = [group.create_task(self._recent(commit, path, entries[path].raw)) for path in known]
        return [change for log in logs for change in log.result()]

    async def config(self, commit: str) -> str:
        """The text of `.github/council.yml` at a commit, or "" if there is none. Its parser reports any problem in it."""
        blobs = await (await self._tree(commit)).blobs((CONFIG_PATH,), largest=Bounds().bytes)
        return blobs.get(CONFIG_PATH, b"").decode("utf-8", "replace")

    async def _recent(self, commit: str, path: str, raw: bytes) -> list[RecentChange]:
        words = ("--literal-pathspecs", *_LOG, "-n", "3", "--format=%H%x09%cs%x09%s", commit, "--", raw)
        log = (await self._reader.run(words)).decode("utf-8", "replace")
        rows = (row.split("\t", 2) for row in log.split("\n"))
        return [RecentChange(path=path, sha=row[0], date=row[1], subject=row[2]) for row in rows if len(row) == 3]

    async def _commits(self, chosen: Range) -> tuple[EarlierCommit, ...]:
        log = await self._reader.run((*_LOG, "-z", "--format=%H%n%B", "-n", "50", f"{chosen.base}..{chosen.head}"))
        entries = log.decode("utf-8", "replace").split("\0")
        return tuple(EarlierCommit(sha=entry.split("\n", 1)[0], message=entry.partition("\n")[2].strip()) for entry in entries if entry)

    async def _tree(self, commit: str) -> Tree:
        if commit not in self._trees:
            self._trees[commit] = await read_tree(self._reader, commit)
        return self._trees[commit]

    async def _commit(self, name: str) -> str:
        folder = self._reader.folder
        if (oid := await self._lookup(name)) is not None:
            return oid
        if await self._lookup("HEAD") is None:
            raise UserError(f"{folder} has no commits yet")
        raise UserError(self._reader.explain(f"{name!r} is not a commit of {folder}"))

    async def _lookup(self, name: str) -> str | None:
        try:
            return (await self._reader.run(("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"))).decode().strip()
        except GitError:
            return None

    async def _fork_point(self, text: str, first: str, last: str) -> str:
        try:
            return (await self._reader.run(("merge-base", first, last))).decode().strip()
        except GitError:
            raise UserError(self._reader.explain(f"the two ends of {text} have no commit in common")) from None


@contextlib.asynccontextmanager
async def open_repository(folder: Path) -> AsyncIterator[LocalRepository]:
    """Open the repository of a folder, until the block ends."""
    async with open_reader(folder) as reader:
        yield LocalRepository(reader)


def _old(file: IndexedFile) -> str:
    return file.previous_path or file.path


async def _decoded(base: Tree, head: Tree, files: Sequence[IndexedFile]) -> dict[str, tuple[str | None, str | None]]:
    """Both sides of the binary files whose bytes are text in UTF-16 or UTF-32, None for a side that does not exist."""
    olds = await base.blobs([_old(file) for file in files if file.status is not FileStatus.ADDED])
    news = await head.blobs([file.path for file in files if file.status is not FileStatus.REMOVED])
    decoded: dict[str, tuple[str | None, str | None]] = {}
    for file in files:
        sides = (olds.get(_old(file)), news.get(file.path))
        there = (file.status is not FileStatus.ADDED, file.status is not FileStatus.REMOVED)
        texts = tuple(read_text(data) if data is not None else None for data in sides)
        if all(text is not None for text, is_there in zip(texts, there, strict=True) if is_there):
            decoded[file.path] = (texts[0], texts[1])
    return decoded


def _changed(file: IndexedFile, patch: str | None, base: str | None, head: str | None) -> ChangedFile:
    return ChangedFile(
        path=file.path,
        previous_path=file.previous_path,
        status=file.status,
        additions=file.additions,
        deletions=file.deletions,
        patch=patch,
        base=base if file.status is not FileStatus.ADDED else None,
        head=head if file.status is not FileStatus.REMOVED else None,
        unseen="" if patch else "binary" if file.binary else file.problem or _why_nothing(file),
        mode_change=file.mode_change,
    )


def _why_nothing(file: IndexedFile) -> str:
    return f"only its mode changed: {file.mode_change}" if file.mode_change else "moved without changes"
