"""A question where it was asked: the comment, the conversation around it, and the repository's settings, in two rounds of reads."""

import asyncio
from dataclasses import dataclass
from urllib.parse import quote

from app.errors import NotFound, Refused, Superseded
from app.github.blobs import Wanted, contents
from app.github.client import GitHub, Shape
from app.github.pull_request import CONFIG_PATH

MAX_COMMENTS = 300


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


class _Repository(Shape):
    default_branch: str = "main"
    html_url: str = ""


class _Head(Shape):
    sha: str


class _Pull(Shape):
    head: _Head


@dataclass(frozen=True)
class Asked:
    """Where a question was asked.

    `sha` is the commit whose code and checks it is about: the default branch's tip or, in a pull request, its head; `config` is the text
    of the default branch's settings, "" when it has none.
    """

    issue: IssueFacts
    comment: CommentFacts
    comments: tuple[CommentFacts, ...]
    full_name: str
    default_branch: str
    web_url: str
    sha: str
    config: str


async def asked(github: GitHub, full_name: str, number: int, comment_id: int) -> Asked:
    """Read it; raises NotFound or Superseded where it is not there any more."""
    root = f"/repos/{full_name}"
    issue, comment, repository = await asyncio.gather(
        github.get(f"{root}/issues/{number}", IssueFacts),
        github.get(f"{root}/issues/comments/{comment_id}", CommentFacts),
        github.get(root, _Repository),
    )
    # GitHub redirects to where an issue was moved: https://docs.github.com/en/rest/issues/issues#get-an-issue
    if issue.number != number or not issue.repository_url.lower().endswith(f"/repos/{full_name.lower()}"):
        raise Superseded("the issue was transferred")
    comments, config, sha = await asyncio.gather(
        github.pages(f"{root}/issues/{number}/comments", CommentFacts, MAX_COMMENTS),
        _config(github, full_name, repository.default_branch),
        _sha(github, root, issue, repository.default_branch),
    )
    if all(each.id != comment.id for each in comments) and len(comments) < MAX_COMMENTS:
        raise NotFound("the comment is not in this conversation any more")
    return Asked(issue, comment, comments, full_name, repository.default_branch, repository.html_url, sha, config)


async def _sha(github: GitHub, root: str, issue: IssueFacts, branch: str) -> str:
    if issue.pull_request is not None:
        return (await github.get(f"{root}/pulls/{issue.number}", _Pull)).head.sha
    try:
        return (await github.get(f"{root}/commits/{quote(branch, safe='')}", _Head)).sha
    except (NotFound, Refused):
        return ""


async def _config(github: GitHub, full_name: str, branch: str) -> str:
    wanted = Wanted(f"refs/heads/{branch}", CONFIG_PATH)
    return (await contents(github, full_name, [wanted]))[wanted].text or ""
