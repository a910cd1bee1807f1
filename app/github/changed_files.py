"""Reads the changed files of a pull request with their contents on both sides, and rebuilds the patches that GitHub left out."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.blobs import Content, Wanted, contents
from app.github.installation_client import GitHubModel, InstallationClient
from reviewers.context.encodings import UNSEEN, is_plain, may_be_text, with_rebuilt_patch
from reviewers.context.patches import rebuild, take_back
from reviewers.context.snapshot import ChangedFile, FileStatus

_NO_BASE = "GitHub sent no diff of it, and the merge base could not be read"


@dataclass(frozen=True)
class Ends:
    """A repository, and the two commits of a pull request. `base_sha` is the base branch's tip at the last push."""

    full_name: str
    base_sha: str
    head_sha: str


class ListedFile(GitHubModel):
    """A file as `/files` returns it."""

    filename: str
    previous_filename: str | None = None
    status: str = "modified"
    additions: int = 0
    deletions: int = 0
    patch: str | None = None


class _Commit(GitHubModel):
    sha: str


class _Comparison(GitHubModel):
    merge_base: _Commit = Field(alias="merge_base_commit")


def at_head(ends: Ends, listed: Sequence[ListedFile]) -> dict[str, Wanted]:
    """What to read of the head, by path."""
    return {
        file.filename: Wanted(ends.head_sha, file.filename, _expected(file), is_text=_may_be_decoded(file))
        for file in listed
        if file.status != "removed"
    }


def most_changed(listed: Sequence[ListedFile]) -> list[str]:
    """Files that existed before, the most changed lines first, by their name on the base branch."""
    before = [file for file in listed if file.status != "added"]
    before.sort(key=lambda file: -(file.additions + file.deletions))
    return [file.previous_filename or file.filename for file in before]


async def changed_files(
    github: InstallationClient, ends: Ends, listed: Sequence[ListedFile], heads: Mapping[str, Content]
) -> tuple[ChangedFile, ...]:
    """Every listed file, with the contents at the head. Missing patches are rebuilt with at most one more read."""
    files = await asyncio.to_thread(lambda: [_changed(file, heads.get(file.filename)) for file in listed])
    decoded = frozenset(path for path, content in heads.items() if content.is_decoded and is_plain(content.text or ""))
    return tuple(await _without_patch(github, ends, files, decoded))


def name_modes(files: Sequence[ChangedFile], modes: Mapping[str, str]) -> tuple[ChangedFile, ...]:
    """The files. If only a file's mode changed, it gets both modes. `modes` are those of the head.

    The file list has no modes. Git stores two modes for a regular file, so the one at the head determines the other.
    """
    other = {"100644": "100755", "100755": "100644"}
    return tuple(
        file.model_copy(update={"mode_change": f"{other[mode]} -> {mode}"})
        if file.status is FileStatus.CHANGED and not file.additions + file.deletions and (mode := modes.get(file.path, "")) in other
        else file
        for file in files
    )


def _may_be_decoded(file: ListedFile) -> bool:
    """Whether GitHub left out its diff because it calls the file binary, although its name does not suggest that."""
    return file.patch is None and not file.additions + file.deletions and may_be_text(file.filename)


def _changed(file: ListedFile, content: Content | None) -> ChangedFile:
    if content and content.is_decoded and not is_plain(content.text or ""):
        content = Content(None, "binary")
    head = content.text if content else None
    known = {status.value for status in FileStatus}
    base = take_back(file.patch, head or "") if file.patch is not None and (head is not None or file.status == "removed") else None
    if file.status == "renamed" and not file.additions + file.deletions:
        base = head
    return ChangedFile(
        path=file.filename,
        previous_path=file.previous_filename,
        status=FileStatus(file.status) if file.status in known else FileStatus.CHANGED,
        additions=file.additions,
        deletions=file.deletions,
        patch=file.patch,
        base=None if file.status == "added" else base,
        head=head,
        unseen="" if file.patch is not None else (content.why if content else ""),
    )


async def _without_patch(github: InstallationClient, ends: Ends, files: list[ChangedFile], decoded: frozenset[str]) -> list[ChangedFile]:
    """Rebuild the patches that GitHub left out. Binary files get a reason instead. `decoded` are paths in UTF-16."""
    missing = {
        file.path: file
        for file in files
        if file.patch is None and not file.unseen and (file.additions + file.deletions or file.path in decoded)
    }
    if not missing:
        return [_explained(file) for file in files]
    commit = await _merge_base(github, ends)
    if not commit:
        return [file.model_copy(update={"unseen": _NO_BASE}) if file.path in missing else _explained(file) for file in files]
    wanted = {
        file.path: Wanted(commit, file.previous_path or file.path, 200_000, is_text=file.path in decoded)
        for file in missing.values()
        if file.status != FileStatus.ADDED
    }
    read = await contents(github, ends.full_name, tuple(wanted.values()))

    def with_patch(file: ChangedFile) -> ChangedFile:
        base = read.get(wanted[file.path]) if file.path in wanted else None
        return _explained(_rebuilt(file, base, decoded=file.path in decoded) if file.path in missing else file)

    # Comparing two files of 200 kB takes longer than other work can wait.
    return await asyncio.to_thread(lambda: [with_patch(file) for file in files])


def _rebuilt(file: ChangedFile, base: Content | None, *, decoded: bool) -> ChangedFile:
    if base is not None and base.why:
        return file.model_copy(update={"unseen": UNSEEN if decoded else base.why})
    before = base.text if base else None
    if decoded and not is_plain(before or ""):
        return file.model_copy(update={"unseen": UNSEEN, "head": None})
    if decoded:
        return with_rebuilt_patch(file, before, file.head)
    if before is None and file.head is None:
        return file
    patch = rebuild(before or "", file.head or "")
    return file.model_copy(update={"base": before, "patch": patch, "unseen": "" if patch else "too large to compare"})


def _explained(file: ChangedFile) -> ChangedFile:
    if file.patch is not None or file.unseen:
        return file
    if not file.additions + file.deletions:
        moved = file.status in {FileStatus.RENAMED, FileStatus.COPIED}
        return file.model_copy(update={"unseen": "moved without changes" if moved else "binary, or only the mode changed"})
    return file.model_copy(update={"unseen": "GitHub sent no diff of it"})


async def _merge_base(github: InstallationClient, ends: Ends) -> str:
    """The merge base, "" if it cannot be read. Patches are against it, and `base.sha` is the base branch's tip.

    Page 2 of a comparison carries no files.
    """
    try:
        path = f"/repos/{ends.full_name}/compare/{ends.base_sha}...{ends.head_sha}"
        return (await github.get(path, _Comparison, {"per_page": 1, "page": 2})).merge_base.sha
    except (NotFound, GitHubRejected, Unavailable):
        return ""


def _expected(file: ListedFile) -> int:
    return 60 * file.additions + (0 if file.status == "added" else 12_000)
