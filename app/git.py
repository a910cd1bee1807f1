"""A snapshot of two commits of a local repository; nothing of it is executed, and no config of it is obeyed."""

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError
from reviewers.context.diff_index import IndexedFile, index
from reviewers.context.project_map import MANIFESTS, survey
from reviewers.context.snapshot import ChangedFile, Commit, FileStatus, Guideline, Project, RecentChange, Snapshot

CONFIG_PATH = ".github/council.yml"
GUIDELINES = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md")
_LARGEST = 1_000_000
_MOST_TOUCHED = 8
# A repository's own config may name programs to run: https://git-scm.com/docs/git-config#Documentation/git-config.txt-corefsmonitor
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", "-c", "protocol.allow=never")
_DIFF = (
    *("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--find-renames", "--unified=3", "--inter-hunk-context=0"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--diff-algorithm=default", "--ignore-submodules=none"),
)


@dataclass(frozen=True)
class Range:
    """Two commits: what `base` is and what `head` made of it."""

    base: str
    head: str


class Repository:
    """A git repository on this machine, read through `git`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def resolve(self, text: str) -> Range:
        """`BASE..HEAD`, `BASE...HEAD` (from where they parted) or `BASE` alone (up to HEAD)."""
        base, dots, head = text.partition("..")
        parted = dots and head.startswith(".")
        first, last = await self._commit(base or "HEAD"), await self._commit(head.lstrip(".") or "HEAD")
        if parted:
            first = (await self._git("merge-base", first, last)).decode().strip()
        return Range(first, last)

    async def snapshot(self, chosen: Range) -> Snapshot:
        """The change between two commits, as if it were a pull request."""
        changes = index((await self._git(*_DIFF, chosen.base, chosen.head)).decode("utf-8", "replace"))
        before = await self._contents(chosen.base, [_old(file) for file in changes.files if file.status is not FileStatus.ADDED])
        after = await self._contents(chosen.head, [file.path for file in changes.files if file.status is not FileStatus.REMOVED])
        files = tuple(_changed(file, changes.patch(file), before.get(_old(file)), after.get(file.path)) for file in changes.files)
        guides = await self._contents(chosen.base, GUIDELINES)
        log = (await self._git("log", "-z", "--format=%H%n%B", "-n", "50", f"{chosen.base}..{chosen.head}")).decode("utf-8", "replace")
        commits = tuple(Commit(sha=entry.split("\n", 1)[0], message=entry.partition("\n")[2].strip()) for entry in log.split("\0") if entry)
        title = commits[0].message.split("\n", 1)[0] if commits else f"{chosen.base[:7]}..{chosen.head[:7]}"
        return Snapshot(
            repository=self.name,
            number=0,
            url="",
            title=title,
            body="",
            author="",
            base_ref=chosen.base[:12],
            base_sha=chosen.base,
            head_ref=chosen.head[:12],
            head_sha=chosen.head,
            files=files,
            commits=commits,
            guidelines=tuple(Guideline(path=path, text=text) for path, text in guides.items()),
            project=await self._project(chosen, files),
        )

    async def _project(self, chosen: Range, files: Sequence[ChangedFile]) -> Project:
        """The tree at the head, the manifests of the base, and what changed the touched files before."""
        touched = [file.previous_path or file.path for file in files if file.status is not FileStatus.ADDED]
        recent = await self.recent(chosen.base, touched)
        return survey(await self.paths(chosen.head), await self._contents(chosen.base, MANIFESTS), recent)

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self._folder.resolve().name

    async def tip(self) -> str:
        """The commit that HEAD is at."""
        return await self._commit("HEAD")

    async def paths(self, commit: str) -> list[str]:
        """Every file of a commit."""
        names = (await self._git("ls-tree", "-r", "-z", "--name-only", commit)).decode("utf-8", "replace")
        return [name for name in names.split("\0") if name]

    async def texts(self, commit: str, paths: Sequence[str]) -> dict[str, str]:
        """The texts of the paths that exist at a commit, are not too large and are not binary."""
        return await self._contents(commit, paths)

    async def recent(self, commit: str, touched: Sequence[str]) -> list[RecentChange]:
        """What changed these files last, up to a commit."""
        recent = []
        for path in touched[:_MOST_TOUCHED]:
            log = await self._git(
                *("--literal-pathspecs", "log", "-n", "3", "--no-show-signature", "--format=%H%x09%cs%x09%s"), commit, "--", path
            )
            rows = (row.split("\t", 2) for row in log.decode("utf-8", "replace").splitlines())
            recent += [RecentChange(path=path, sha=row[0], date=row[1], subject=row[2]) for row in rows if len(row) == 3]
        return recent

    async def config(self, commit: str) -> str:
        """The text of `.github/council.yml` at a commit, or ""."""
        return (await self._contents(commit, (CONFIG_PATH,))).get(CONFIG_PATH, "")

    async def _commit(self, name: str) -> str:
        try:
            return (await self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")).decode().strip()
        except UserError:
            raise UserError(f"{name!r} is not a commit of {self._folder}; try `council review main..HEAD`") from None

    async def _contents(self, commit: str, paths: Sequence[str]) -> dict[str, str]:
        """The texts of the paths that exist at a commit, are not too large and are not binary."""
        wanted = [path for path in paths if "\n" not in path]
        if not wanted:
            return {}
        asked = "".join(f"{commit}:{path}\n" for path in wanted).encode()
        raw = await self._git("cat-file", "--batch", given=asked)
        found, at = {}, 0
        for path in wanted:
            end = raw.index(b"\n", at)
            head = raw[at:end].split(b" ")
            at = end + 1
            if len(head) < 3 or not head[-1].isdigit() or head[-2] not in (b"blob", b"tree", b"commit", b"tag"):
                continue
            size = int(head[-1])
            content, at = raw[at : at + size], at + size + 1
            if head[-2] == b"blob" and size <= _LARGEST and b"\0" not in content[:8000]:
                found[path] = content.decode("utf-8", "replace")
        return found

    async def _git(self, *words: str, given: bytes | None = None) -> bytes:
        try:
            process = await asyncio.create_subprocess_exec(
                "git", *_SAFE, *words, cwd=self._folder, stdin=DEVNULL if given is None else PIPE, stdout=PIPE, stderr=PIPE
            )
        except FileNotFoundError:
            raise UserError("git was not found on the PATH") from None
        try:
            out, problem = await process.communicate(given)
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            raise UserError(f"git {words[0]}: {problem.decode('utf-8', 'replace').strip() or 'failed'}")
        return out


def _old(file: IndexedFile) -> str:
    return file.previous_path or file.path


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
        unseen="" if patch else "binary" if file.binary else file.problem or "moved, or only its mode changed",
    )
