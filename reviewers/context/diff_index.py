"""Indexes a whole diff in one pass: the file of each section, the position of its hunks, and its counts of added and deleted lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reviewers.context.diff_header import Header, file_begins, read_header
from reviewers.context.diff_hunks import Hunks, HunkSpan, first_parent
from reviewers.context.snapshot import FileStatus

_BINARY = ("Binary files ", "GIT binary patch")
_LINK, _MODULE = "120000", "160000"


@dataclass(frozen=True)
class IndexedFile:
    """One file of a diff. `problem` says what could not be read, or is ""; it does not affect the other files."""

    path: str
    previous_path: str | None
    status: FileStatus
    additions: int = 0
    deletions: int = 0
    spans: tuple[HunkSpan, ...] = ()
    binary: bool = False
    old_mode: str = ""
    new_mode: str = ""
    parents: int = 1
    problem: str = ""

    @property
    def mode_change(self) -> str:
        """The modes of both sides if both have one and they differ, else ""."""
        return f"{self.old_mode} -> {self.new_mode}" if self.old_mode and self.new_mode and self.old_mode != self.new_mode else ""

    @property
    def submodule(self) -> bool:
        """Whether it is a commit of another repository (a submodule)."""
        return _MODULE in (self.old_mode, self.new_mode)


@dataclass(frozen=True)
class DiffIndex:
    """The files of a diff in its order; texts are cut out of it on demand."""

    files: tuple[IndexedFile, ...]
    lines: Sequence[str] = field(repr=False)

    def patch(self, file: IndexedFile) -> str | None:
        """A file's hunks without its header, as in GitHub's `patch` field; a combined diff is read against its first parent."""
        if not file.spans:
            return None
        if file.parents == 1:
            return "\n".join("\n".join(self.lines[span.first : span.last]) for span in file.spans)
        return "\n".join(first_parent(span, self.lines, file.parents) for span in file.spans)


def index(diff: str) -> DiffIndex:
    """Index the output of `git diff` or GitHub's `.diff`; never raises, whatever the text is."""
    # Not splitlines(): git splits lines at \n only; U+2028 and \f may be inside a line.
    lines = diff.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    files: list[IndexedFile] = []
    at, end = 0, len(lines)
    while at < end:
        if file_begins(lines, at):
            file, at = _file(lines, at)
            files.append(file)
        else:
            at += 1
    return DiffIndex(tuple(_joined(files)), lines)


def _file(lines: Sequence[str], at: int) -> tuple[IndexedFile, int]:
    header, body = read_header(lines, at)
    hunks = Hunks(lines)
    after = hunks.read(body)
    binary = body < len(lines) and lines[body].startswith(_BINARY)
    file = IndexedFile(
        path=header.path,
        previous_path=header.previous_path,
        status=_status(header),
        additions=hunks.additions,
        deletions=hunks.deletions,
        spans=tuple(hunks.spans),
        binary=binary and not hunks.spans,
        old_mode=header.old_mode,
        new_mode=header.new_mode,
        parents=hunks.parents,
        problem=header.problem or hunks.problem,
    )
    return file, after


def _status(header: Header) -> FileStatus:
    if header.status is FileStatus.MODIFIED and header.old_mode != header.new_mode and header.mode_only:
        return FileStatus.CHANGED
    return header.status


def _joined(files: Sequence[IndexedFile]) -> list[IndexedFile]:
    """Merge the two sections that a diff prints when a file becomes a link, or the other way around: they are one file."""
    out: list[IndexedFile] = []
    for file in files:
        before = out[-1] if out else None
        if before is not None and before.path == file.path and before.status is FileStatus.REMOVED and file.status is FileStatus.ADDED:
            out[-1] = IndexedFile(
                path=file.path,
                previous_path=None,
                status=FileStatus.CHANGED,
                additions=before.additions + file.additions,
                deletions=before.deletions + file.deletions,
                spans=before.spans + file.spans,
                binary=before.binary or file.binary,
                old_mode=before.old_mode,
                new_mode=file.new_mode,
                problem=before.problem or file.problem,
            )
        else:
            out.append(file)
    return out
