"""One pull request at one head, frozen: every seat sees the same bytes, and a run can be replayed."""

from enum import StrEnum

from reviewers.values.value import FrozenValue


class FileStatus(StrEnum):
    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"
    COPIED = "copied"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class FileOrigin(StrEnum):
    """Who wrote a file according to its repository: UNKNOWN leaves it to its name and text, WRITTEN means people."""

    UNKNOWN = ""
    WRITTEN = "written"
    GENERATED = "generated"
    VENDORED = "vendored"


class ChangedFile(FrozenValue):
    """A file of the pull request.

    `patch` is the header-less unified diff from GitHub's `/files` ("@@ …"), or None if it is not available;
    `unseen` then says why. `base` and `head` are whole contents, None if absent, binary or too large.
    `cells` says what changed in a notebook's cells apart from their source, which alone is shown, or is "".
    `mode_change` is its file mode on both sides if it differs ("100644 -> 100755"), or "".
    `takes_comments` is False if GitHub shows no diff of a file that we could read, and so refuses comments on its lines.
    """

    path: str
    previous_path: str | None = None
    status: FileStatus = FileStatus.MODIFIED
    additions: int = 0
    deletions: int = 0
    patch: str | None = None
    base: str | None = None
    head: str | None = None
    unseen: str = ""
    mode_change: str = ""
    cells: str = ""
    takes_comments: bool = True
    origin: FileOrigin = FileOrigin.UNKNOWN

    @property
    def size(self) -> int:
        """The number of characters that it keeps in memory."""
        return sum(len(text or "") for text in (self.path, self.patch, self.base, self.head))


class EarlierCommit(FrozenValue):
    sha: str
    message: str


class LinkedIssue(FrozenValue):
    """An issue that the description names; `closes` if it does so with a closing keyword."""

    number: int
    title: str
    body: str
    closes: bool = False


class Guideline(FrozenValue):
    """A guideline file of the base branch."""

    path: str
    text: str


class LogReference(FrozenValue):
    """A changed file that a log names; `touched` if that very line is in the diff. `text` is the log line that names it."""

    path: str
    line: int
    touched: bool
    text: str = ""


class FailingCheck(FrozenValue):
    """A check of the head SHA that failed, with cleaned log lines or annotations as evidence.

    `lines` are for models; `excerpt` is the shorter form for people. `left_out` says how much of the log is in neither.
    `red_before` is True if the check of that name also fails on the base branch.
    """

    name: str
    url: str
    lines: tuple[str, ...]
    excerpt: tuple[str, ...] = ()
    places: tuple[LogReference, ...] = ()
    red_before: bool = False
    left_out: str = ""


class RecentChange(FrozenValue):
    """An earlier commit that changed one of the files; `date` is YYYY-MM-DD."""

    path: str
    sha: str
    date: str
    subject: str


class Folder(FrozenValue):
    """A folder, with the number of files in it and below."""

    path: str
    files: int


class Project(FrozenValue):
    """The kind of project. `languages` counts files; `partial` if its tree was too large to be listed whole."""

    languages: tuple[tuple[str, int], ...] = ()
    folders: tuple[Folder, ...] = ()
    dependencies: tuple[str, ...] = ()
    recent: tuple[RecentChange, ...] = ()
    partial: bool = False


class RelatedCode(FrozenValue):
    """Lines of an unchanged file of the head that are related to the change; `text` is numbered, from line `first` on.

    `reason` is a clause that says how; `about` is the changed file that leads there; `tokens` is the cost of the text.
    """

    path: str
    first: int
    text: str
    reason: str
    about: str
    tokens: int


class UnreadPart(FrozenValue):
    """Something that belongs to the change or to its rules and could not be read, with the reason in a clause."""

    path: str
    reason: str


class Snapshot(FrozenValue):
    """A pull request as the council sees it. `reviewers.context.redaction` masks its texts before a model sees them.

    `commits` are the newest, oldest first, and `earlier_commits` counts those before them.
    `unread_repository` says in a clause why looks at unchanged files were not possible, or is "".
    """

    repository: str
    number: int
    url: str
    title: str
    body: str
    author: str
    base_ref: str
    base_sha: str
    head_ref: str
    head_sha: str
    files: tuple[ChangedFile, ...]
    commits: tuple[EarlierCommit, ...] = ()
    linked_issues: tuple[LinkedIssue, ...] = ()
    guidelines: tuple[Guideline, ...] = ()
    failing_checks: tuple[FailingCheck, ...] = ()
    unlisted: int = 0
    project: Project = Project()
    related: tuple[RelatedCode, ...] = ()
    unread_repository: str = ""
    unread: tuple[UnreadPart, ...] = ()
    earlier_commits: int = 0

    def file(self, path: str) -> ChangedFile | None:
        """The changed file with that path, or None."""
        return next((file for file in self.files if file.path == path), None)
