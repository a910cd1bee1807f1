"""A question where it was asked: the comment, the conversation around it, and the repository's settings, in two rounds of reads."""

import asyncio
import re
from dataclasses import dataclass
from typing import Protocol

from app.errors import NotFound, Refused, Superseded
from app.github.blobs import Wanted, contents
from app.github.client import GitHub, Shape
from app.github.permissions import Permission, permission_of
from app.github.project import Place, place
from app.github.pull_request import CONFIG_PATH
from webhooks.jobs import RepositoryRef

MAX_COMMENTS = 300
# Git's own name for the tip of the default branch.
DEFAULT = "HEAD"


class Command(Protocol):
    """A comment that asks for something."""

    @property
    def repository(self) -> RepositoryRef: ...
    @property
    def number(self) -> int: ...
    @property
    def comment_id(self) -> int: ...
    @property
    def login(self) -> str: ...


class User(Shape):
    login: str = "ghost"
    type: str = "User"


class IssueFacts(Shape):
    """An issue, or the conversation half of a pull request; `pull_request` is None for an issue."""

    number: int
    title: str
    body: str | None = None
    html_url: str = ""
    repository_url: str = ""
    state: str = "open"
    locked: bool = False
    user: User | None = None
    pull_request: Shape | None = None


class CommentFacts(Shape):
    id: int
    body: str | None = None
    html_url: str = ""
    user: User | None = None


class _Head(Shape):
    sha: str


class _Pull(Shape):
    head: _Head


@dataclass(frozen=True)
class Asked:
    """Where a question was asked, and by somebody who may do what.

    `sha` is the commit whose code and checks it is about: the default branch's tip or, in a pull request, its head; `around` is its tree;
    `config` is the text of the default branch's settings, "" when it has none.
    """

    issue: IssueFacts
    comment: CommentFacts
    comments: tuple[CommentFacts, ...]
    full_name: str
    sha: str
    around: Place
    config: str
    permission: Permission

    @property
    def web_url(self) -> str:
        """The repository's page."""
        return re.sub(r"/(?:issues|pull)/\d+$", "", self.issue.html_url)


async def asked(github: GitHub, command: Command) -> Asked:
    """Read it, all at once; raises NotFound or Superseded where it is not there any more."""
    full_name, number = command.repository.full_name, command.number
    root = f"/repos/{full_name}"
    issue, comments, config, tip, around, permission = await asyncio.gather(
        github.get(f"{root}/issues/{number}", IssueFacts),
        github.pages(f"{root}/issues/{number}/comments", CommentFacts, MAX_COMMENTS),
        _config(github, full_name),
        _tip(github, root),
        place(github, full_name, DEFAULT, "", ()),
        permission_of(github, full_name, command.login),
    )
    # GitHub redirects to where an issue was moved: https://docs.github.com/en/rest/issues/issues#get-an-issue
    if issue.number != number or not issue.repository_url.lower().endswith(f"/repos/{full_name.lower()}"):
        raise Superseded("the issue was transferred")
    comment = next((each for each in comments if each.id == command.comment_id), None)
    if comment is None and len(comments) < MAX_COMMENTS:
        raise NotFound("the comment is not in this conversation any more")
    if comment is None:
        comment = await github.get(f"{root}/issues/comments/{command.comment_id}", CommentFacts)
    if issue.pull_request is not None:
        tip = (await github.get(f"{root}/pulls/{number}", _Pull)).head.sha
        around = await place(github, full_name, tip, "", ())
    return Asked(issue, comment, comments, full_name, tip, around, config, permission)


async def asked_about(github: GitHub, full_name: str, login: str, page: IssueFacts, comment: CommentFacts) -> Asked:
    """What a question on a page is about: the default branch's tip, with no conversation of GitHub's around it."""
    config, tip, around, permission = await asyncio.gather(
        _config(github, full_name),
        _tip(github, f"/repos/{full_name}"),
        place(github, full_name, DEFAULT, "", ()),
        permission_of(github, full_name, login),
    )
    return Asked(page, comment, (), full_name, tip, around, config, permission)


async def _tip(github: GitHub, root: str) -> str:
    """The newest commit of the default branch, "" in an empty repository."""
    try:
        return (await github.get(f"{root}/commits/HEAD", _Head)).sha
    except (NotFound, Refused):
        return ""


async def _config(github: GitHub, full_name: str) -> str:
    wanted = Wanted(DEFAULT, CONFIG_PATH)
    return (await contents(github, full_name, [wanted]))[wanted].text or ""
