"""Reads a question in its place: the comment and the conversation around it, in two rounds of reads."""

import asyncio
import re
from dataclasses import dataclass, replace
from typing import Protocol

from app.errors import GitHubRejected, NotFound, Superseded
from app.github.installation_client import GitHubModel, InstallationClient, Newest
from webhooks.jobs import RepositoryRef

MAX_COMMENTS = 300
_CONFLICT = 409
# Git's own name for the tip of the default branch.
DEFAULT = "HEAD"


class CommentCommand(Protocol):
    """A comment with a command."""

    @property
    def repository(self) -> RepositoryRef: ...
    @property
    def number(self) -> int: ...
    @property
    def comment_id(self) -> int: ...
    @property
    def thread_id(self) -> int: ...
    @property
    def in_review(self) -> bool: ...


class CommentAuthor(GitHubModel):
    login: str = "ghost"
    type: str = "User"


class IssueFacts(GitHubModel):
    """An issue, or the conversation half of a pull request. `pull_request` is None for an issue."""

    number: int
    title: str
    body: str | None = None
    html_url: str = ""
    repository_url: str = ""
    state: str = "open"
    locked: bool = False
    user: CommentAuthor | None = None
    pull_request: GitHubModel | None = None


class CommentFacts(GitHubModel):
    id: int
    body: str | None = None
    html_url: str = ""
    user: CommentAuthor | None = None
    in_reply_to_id: int | None = None
    path: str = ""
    line: int | None = None

    @property
    def begins_thread(self) -> bool:
        """Whether it is the first of a thread on the diff, perhaps a finding of ours that the others are about."""
        return bool(self.path) and self.in_reply_to_id is None

    @property
    def said(self) -> str:
        """Its text. The first comment of a thread also has the line that it is about."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"On `{place}`:\n\n{self.body or ''}" if self.begins_thread else self.body or ""


class _Head(GitHubModel):
    sha: str


class _Repository(GitHubModel):
    full_name: str


@dataclass(frozen=True)
class QuestionContext:
    """Where a question was asked: in an issue, which may be a pull request, among `comments`.

    `earlier` is the number of older comments, which were not read. `sha` is the commit in question, "" in an empty repository. At first it
    is the default branch's tip; `at` changes it.
    """

    issue: IssueFacts
    comment: CommentFacts
    comments: tuple[CommentFacts, ...]
    full_name: str
    sha: str
    earlier: int = 0

    def at(self, head_sha: str) -> "QuestionContext":
        """The same about a pull request's head, or unchanged if the head is ""."""
        return replace(self, sha=head_sha or self.sha)

    @property
    def web_url(self) -> str:
        """The repository's page."""
        return re.sub(r"/(?:issues|pull)/\d+$", "", self.issue.html_url)


async def read_question(github: InstallationClient, command: CommentCommand) -> QuestionContext:
    """Read it with concurrent requests. Raises NotFound or Superseded if it no longer exists."""
    full_name, number = command.repository.full_name, command.number
    root = f"/repos/{full_name}"
    issue, comments, thread, tip = await asyncio.gather(
        github.get(f"{root}/issues/{number}", IssueFacts),
        github.newest(f"{root}/issues/{number}/comments", CommentFacts, MAX_COMMENTS),
        _thread(github, root, command),
        tip_of(github, full_name),
    )
    full_name = await _home(github, command, issue)
    comment = await _comment(github, command, issue, thread.items if command.thread_id else comments.items)
    return QuestionContext(issue, comment, (*thread.items, *comments.items), full_name, tip, thread.earlier + comments.earlier)


async def _home(github: InstallationClient, command: CommentCommand, issue: IssueFacts) -> str:
    """The current name of the repository. Raises Superseded if the issue was moved to another one.

    GitHub redirects to both: https://docs.github.com/en/rest/issues/issues#get-an-issue
    """
    there, full_name = issue.repository_url.lower(), command.repository.full_name
    if issue.number == command.number and not there.endswith(f"/repos/{full_name.lower()}"):
        full_name = (await github.get(f"/repositories/{command.repository.id}", _Repository)).full_name
    if issue.number != command.number or not there.endswith(f"/repos/{full_name.lower()}"):
        raise Superseded("the issue was transferred")
    return full_name


async def read_subject(github: InstallationClient, full_name: str, page: IssueFacts, comment: CommentFacts) -> QuestionContext:
    """What a question on a page is about: the default branch's tip, without a conversation on GitHub."""
    return QuestionContext(page, comment, (), full_name, await tip_of(github, full_name))


async def _comment(github: InstallationClient, command: CommentCommand, issue: IssueFacts, among: tuple[CommentFacts, ...]) -> CommentFacts:
    """The comment with the question. An issue's own text is a comment with the id 0."""
    if not command.comment_id:
        return CommentFacts(id=0, body=issue.body, html_url=issue.html_url, user=issue.user)
    if command.in_review:
        return await github.get(f"/repos/{command.repository.full_name}/pulls/{command.number}/reviews/{command.comment_id}", CommentFacts)
    comment_facts = next((each for each in among if each.id == command.comment_id), None)
    kind = "pulls" if command.thread_id else "issues"
    return comment_facts or await github.get(f"/repos/{command.repository.full_name}/{kind}/comments/{command.comment_id}", CommentFacts)


async def _thread(github: InstallationClient, root: str, command: CommentCommand) -> Newest[CommentFacts]:
    """The comments of the question's thread on the diff, always with the first one. Empty for a question in the conversation."""
    if not command.thread_id:
        return Newest((), 0)
    every = await github.newest(f"{root}/pulls/{command.number}/comments", CommentFacts, MAX_COMMENTS)
    items = tuple(item for item in every.items if command.thread_id in (item.id, item.in_reply_to_id))
    if every.earlier and command.thread_id not in {item.id for item in items}:
        items = (await github.get(f"{root}/pulls/comments/{command.thread_id}", CommentFacts), *items)
    return Newest(items, every.earlier)


async def tip_of(github: InstallationClient, full_name: str) -> str:
    """The newest commit of the default branch, "" in an empty repository, for which GitHub answers 409."""
    try:
        return (await github.get(f"/repos/{full_name}/commits/HEAD", _Head)).sha
    except NotFound:
        return ""
    except GitHubRejected as error:
        if error.status == _CONFLICT:
            return ""
        raise
