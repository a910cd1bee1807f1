"""Arranges the pages' contents for the templates."""

from dataclasses import dataclass, field
from datetime import datetime

from app.sandbox.github.diffs import FileChange
from app.sandbox.github.entities import CheckRun, Comment, Issue, PullRequest, Reaction, Review, ReviewComment
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.shapes.pulls import current_line
from app.sandbox.pages.markdown import render

EMOJI = {"+1": "👍", "-1": "👎", "laugh": "😄", "confused": "😕", "heart": "❤️", "hooray": "🎉", "rocket": "🚀", "eyes": "👀"}


@dataclass(frozen=True)
class Note:
    """A comment. `thread` is the comment that a reply goes to, 0 if replies are not possible."""

    anchor: str
    author: str
    bot: bool
    at: datetime
    html: str
    label: str = ""
    reactions: tuple[tuple[str, int], ...] = ()
    replies: tuple["Note", ...] = ()
    thread: int = 0


@dataclass(frozen=True)
class RowView:
    """A line of a diff, with the comments on it."""

    old: int | None
    new: int | None
    sign: str
    text: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class HunkView:
    """A hunk of a diff."""

    header: str
    rows: tuple[RowView, ...]


@dataclass(frozen=True)
class FileView:
    """A changed file."""

    change: FileChange
    sections: tuple[HunkView, ...]
    elsewhere: tuple[Note, ...] = ()


@dataclass(frozen=True)
class CheckView:
    """A check run."""

    run: CheckRun
    summary: str
    text: str
    ours: bool
    annotations: list[dict[str, object]] = field(default_factory=list)


def _counts(reactions: list[Reaction]) -> tuple[tuple[str, int], ...]:
    names = dict.fromkeys(reaction.content for reaction in reactions)
    return tuple((EMOJI[name], sum(reaction.content == name for reaction in reactions)) for name in names)


def conversation(full_name: str, issue: Issue, reviews: list[Review]) -> list[Note]:
    """Comments and submitted reviews, oldest first."""
    notes = [_comment(comment, f"/{full_name}/boxes/{comment.id}") for comment in issue.comments]
    for review in reviews:
        if review.submitted_at and (review.body or not any(comment.in_reply_to for comment in review.comments)):
            count = len(review.comments)
            label = f"reviewed · {count} comment{'s' * (count != 1)} on the diff"
            body = render(review.body)
            notes.append(Note(f"review-{review.id}", review.author.login, _bot(review.author.type), review.submitted_at, body, label))
    return sorted(notes, key=lambda note: note.at)


def _comment(made: Comment, boxes_at: str) -> Note:
    edited = " · edited" if made.updated_at != made.created_at else ""
    author = made.author
    return Note(
        f"issuecomment-{made.id}",
        author.login,
        _bot(author.type),
        made.created_at,
        render(made.body, boxes_at),
        f"commented{edited}",
        _counts(made.reactions),
    )


def _bot(kind: str) -> bool:
    return kind == "Bot"


def _on_line(made: ReviewComment, replies: list[ReviewComment]) -> Note:
    span = f"lines {made.start_line}–{made.line}" if made.start_line else ""
    answers = tuple(_on_line(reply, []) for reply in replies)
    author = made.author
    return Note(
        f"discussion_r{made.id}",
        author.login,
        _bot(author.type),
        made.created_at,
        render(made.body),
        span,
        _counts(made.reactions),
        answers,
        0 if made.in_reply_to else made.id,
    )


def files(repo: SandboxRepository, pull: PullRequest) -> list[FileView]:
    """The diff with its inline comments. Outdated ones are below their file."""
    comments = [comment for review in pull.reviews if review.submitted_at for comment in review.comments]
    return [
        _file(repo, pull, change, [comment for comment in comments if comment.path == change.path])
        for change in repo.diff(pull.base_sha, pull.head_sha)
    ]


def _file(repo: SandboxRepository, pull: PullRequest, change: FileChange, comments: list[ReviewComment]) -> FileView:
    placed: dict[tuple[str, int | None], list[Note]] = {}
    for root in comments:
        if not root.in_reply_to:
            replies = [comment for comment in comments if comment.in_reply_to == root.id]
            line = current_line(repo, pull, root, root.line)
            placed.setdefault((root.side, line), []).append(_on_line(root, replies))
    sections = []
    for hunk in change.hunks:
        rows = []
        for old, new, text in hunk.numbered():
            notes = placed.pop(("RIGHT", new), []) if new is not None else []
            notes += placed.pop(("LEFT", old), []) if old is not None else []
            rows.append(RowView(old, new, text[0], text[1:], tuple(notes)))
        sections.append(HunkView(hunk.header, tuple(rows)))
    return FileView(change, tuple(sections), tuple(note for notes in placed.values() for note in notes))


def checks(repo: SandboxRepository, pull: PullRequest) -> list[CheckView]:
    """The newest check run of each name on the head."""
    newest: dict[tuple[str, str], CheckRun] = {}
    for run in repo.check_runs.values():
        if run.head_sha == pull.head_sha:
            newest[run.app_slug, run.name] = run
    ours = repo.world.app.slug
    return [
        CheckView(run, render(run.summary or ""), render(run.text or ""), run.app_slug == ours, run.annotations) for run in newest.values()
    ]
