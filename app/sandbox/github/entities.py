"""The objects of a GitHub: plain and mutable, without rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class User:
    """A person, an organization or an App's bot."""

    login: str
    id: int
    type: str = "User"


@dataclass(frozen=True)
class Reaction:
    id: int
    author: User
    content: str
    at: datetime


@dataclass
class Comment:
    """A comment in the conversation of an issue or a pull request."""

    id: int
    number: int
    author: User
    body: str
    created_at: datetime
    updated_at: datetime
    reactions: list[Reaction] = field(default_factory=list)


@dataclass
class Issue:
    """An issue, or the conversation half of a pull request."""

    id: int
    number: int
    title: str
    body: str
    author: User
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    closed_at: datetime | None = None
    locked: bool = False
    moved_to: tuple[str, int] | None = None
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)


@dataclass
class ReviewComment:
    """A comment on the diff. `line` is None for a note on the whole file."""

    id: int
    review_id: int
    author: User
    path: str
    body: str
    commit_sha: str
    diff_hunk: str
    created_at: datetime
    updated_at: datetime
    line: int | None = None
    side: str = "RIGHT"
    start_line: int | None = None
    start_side: str | None = None
    in_reply_to: int | None = None
    minimized: str = ""
    reactions: list[Reaction] = field(default_factory=list)


@dataclass
class Review:
    """A review. It is PENDING until submitted, and until then visible only to its author."""

    id: int
    author: User
    body: str
    commit_sha: str
    state: str = "PENDING"
    submitted_at: datetime | None = None
    comments: list[ReviewComment] = field(default_factory=list)


@dataclass
class PullRequest:
    """The branch half of a pull request. Its conversation is `issue`."""

    id: int
    issue: Issue
    base_ref: str
    base_sha: str
    head_repository: str
    head_ref: str
    head_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: User | None = None
    reviews: list[Review] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.issue.number


@dataclass
class CheckRun:
    """A check run, of an App or of a workflow's job."""

    id: int
    suite_id: int
    name: str
    head_sha: str
    app_slug: str
    external_id: str = ""
    details_url: str | None = None
    status: str = "queued"
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)


@dataclass
class Status:
    """A commit status, as CI without check runs leaves it."""

    id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: User
    at: datetime


@dataclass
class Job:
    """One job of a workflow run, with its log."""

    id: int
    run_id: int
    name: str
    head_sha: str
    head_branch: str
    conclusion: str | None
    log: str
    started_at: datetime
    check_run_id: int
    steps: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class WorkflowRun:
    """A run of GitHub Actions on a commit."""

    id: int
    name: str
    number: int
    head_sha: str
    head_branch: str
    created_at: datetime
    actor: User
    suite_id: int
    status: str = "completed"
    conclusion: str | None = None
    jobs: list[Job] = field(default_factory=list)


@dataclass
class MergeGroup:
    """A merge group. `steps` are the pull requests in order, each with the commits before and after its merge."""

    base_ref: str
    base_sha: str
    head_ref: str
    head_sha: str
    steps: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass
class Installation:
    """The App on an account. `selected` is None if it may see every repository there."""

    id: int
    account: User
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    created_at: datetime
    selected: set[str] | None = None
    suspended_at: datetime | None = None


@dataclass
class App:
    """The registered GitHub App."""

    id: int
    slug: str
    name: str
    client_id: str
    owner: User
    bot: User
    private_key: str = field(repr=False)
    public_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    permissions: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    created_at: datetime = datetime.min
    webhook_url: str = ""
    client_secret: str = field(repr=False, default="")
    callback_urls: tuple[str, ...] = ()
    setup_url: str = ""


@dataclass(frozen=True)
class WorldEvent:
    """Something that a webhook reports. `about` holds the payload's entities."""

    event: str
    action: str | None
    sender: User
    repository: str | None
    installation: int | None
    about: Mapping[str, Any] = field(default_factory=dict)
