"""Change here which files of a change are worth a reviewer's tokens, and the reasons for skipping the others."""

from reviewers.context.diff import parse
from reviewers.context.globs import selects
from reviewers.context.origins.evidence import is_known_folder
from reviewers.context.origins.markers import looks_generated, says_generated
from reviewers.context.origins.names import is_generated_name, is_in_packages, is_lock
from reviewers.context.snapshot import ChangedFile, FileOrigin, FileStatus
from reviewers.values.brief import Brief
from reviewers.values.verdict import Unseen

_REASONS = {FileOrigin.GENERATED: "generated file", FileOrigin.VENDORED: "vendored file"}


def why_not(brief: Brief, file: ChangedFile) -> str:
    """Why no seat is shown this file, or "" if seats are."""
    if not selects(brief.paths, file.path):
        return "left out by the `paths` setting"
    if tool := "" if _is_named(brief, file.path) else _why_tool(file):
        return tool
    if file.patch is None and is_unchanged(file):
        return ""
    if not file.patch:
        return file.unseen or "GitHub gave no diff for it (binary or too large)"
    return "" if parse(file.path, file.patch) else "its diff could not be read"


def _why_tool(file: ChangedFile) -> str:
    """Why the file counts as written by a tool, or ""; `.gitattributes` decides."""
    if file.origin is FileOrigin.WRITTEN:
        return ""
    if file.origin is not FileOrigin.UNKNOWN:
        return _REASONS[file.origin]
    if is_lock(file.path):
        return "lock file"
    if is_in_packages(file.path):
        return "vendored file"
    text = file.head or ""
    is_generated = is_generated_name(file.path) or says_generated(text) or looks_generated(file.path, text)
    return "generated file" if is_generated else ""


def _is_named(brief: Brief, path: str) -> bool:
    """Whether the `paths` setting includes this file although a tool wrote it: by its own name, its suffix, or the folder of its kind."""
    return any(_names_kind(pattern) and selects((pattern,), path) for pattern in brief.paths if not pattern.startswith("!"))


def _names_kind(pattern: str) -> bool:
    *folders, last = pattern.strip("/").split("/")
    if last and "*" not in last:
        return True
    named = f"x{last.rpartition('*')[2]}"
    return is_generated_name(named) or is_lock(named) or any(is_known_folder(name) or is_in_packages(f"{name}/") for name in folders)


def is_unchanged(file: ChangedFile) -> bool:
    """Whether only its name or mode changed, so that there is nothing to show."""
    return (
        file.status in (FileStatus.RENAMED, FileStatus.COPIED, FileStatus.CHANGED, FileStatus.UNCHANGED)
        and not file.additions + file.deletions
    )


def skipped_files(brief: Brief, files: tuple[ChangedFile, ...]) -> tuple[Unseen, ...]:
    """The files that no seat is shown, each with its reason."""
    reasons = ((file.path, why_not(brief, file)) for file in files)
    return tuple(Unseen(path=path, reason=reason) for path, reason in reasons if reason)


def partly_read(files: tuple[ChangedFile, ...]) -> tuple[Unseen, ...]:
    """The files that could be read only in part, each with its reason."""
    read = ((file.path, parse(file.path, file.patch)) for file in files)
    return tuple(Unseen(path=path, reason=diff.problem) for path, diff in read if diff and diff.problem)
