"""Reads what our App has posted about a pull request and its head, in one read, to find work that this server has no record of."""

import re
from dataclasses import dataclass

from pydantic import Field

from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.graphql_answer import GraphQLAnswer
from app.github.installation_client import GitHubModel
from app.github.publisher import PostedObject, PullRequestPublisher

PENDING = "PENDING"
# The id is taken from the end of an address: `databaseId` is a 32-bit number, too small for newer ids.
# https://docs.github.com/en/graphql/reference/objects#issuecomment
_ID = re.compile(r"(\d{1,18})$")
_QUERY = """
query($owner: String!, $name: String!, $number: Int!, $head: GitObjectID!, $app: Int!) {
  repository(owner: $owner, name: $name) {
    head: object(oid: $head) { ... on Commit { checkSuites(first: 10, filterBy: {appId: $app}) { nodes {
      checkRuns(first: 10) { nodes { name permalink externalId status conclusion title summary } } } } } }
    pullRequest(number: $number) {
      comments(last: 100) { nodes { url body author { __typename login } } }
      reviews(last: 100) { nodes { url body state author { __typename login } comments(first: 50) { nodes { body } } } }
    } } }
"""


@dataclass(frozen=True)
class OwnPost:
    """A comment or a review of ours. `state` is a review's, `inline` are the texts of its comments on the diff."""

    id: int
    url: str
    body: str
    state: str = ""
    inline: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnCheck:
    """Our check run on the head. `status` is "completed" or another value of GitHub's, in lower case."""

    id: int
    url: str
    external_id: str
    status: str
    conclusion: str
    title: str
    summary: str

    @property
    def is_completed(self) -> bool:
        return self.status == "completed"


@dataclass(frozen=True)
class OwnPosts:
    """Our posts, each list oldest first."""

    checks: tuple[OwnCheck, ...] = ()
    comments: tuple[OwnPost, ...] = ()
    reviews: tuple[OwnPost, ...] = ()


class _Author(GitHubModel):
    kind: str = Field(default="", alias="__typename")
    login: str = ""


class _Body(GitHubModel):
    body: str = ""


class _Bodies(GitHubModel):
    nodes: tuple[_Body | None, ...] = ()


class _Post(GitHubModel):
    url: str = ""
    body: str = ""
    state: str = ""
    author: _Author | None = None
    comments: _Bodies | None = None


class _Posts(GitHubModel):
    nodes: tuple[_Post | None, ...] = ()


class _Pull(GitHubModel):
    comments: _Posts | None = None
    reviews: _Posts | None = None


class _Run(GitHubModel):
    name: str = ""
    permalink: str = ""
    external_id: str | None = Field(default=None, alias="externalId")
    status: str = ""
    conclusion: str | None = None
    title: str | None = None
    summary: str | None = None


class _Runs(GitHubModel):
    nodes: tuple[_Run | None, ...] = ()


class _Suite(GitHubModel):
    runs: _Runs | None = Field(default=None, alias="checkRuns")


class _Suites(GitHubModel):
    nodes: tuple[_Suite | None, ...] = ()


class _Head(GitHubModel):
    suites: _Suites | None = Field(default=None, alias="checkSuites")


class _Repository(GitHubModel):
    head: _Head | None = None
    pull: _Pull | None = Field(default=None, alias="pullRequest")


class _Data(GitHubModel):
    repository: _Repository | None = None


async def read_own_posts(writes: PullRequestPublisher, head_sha: str, check_name: str) -> OwnPosts:
    """One GraphQL read. If that fails, four reads of lists. What we may not read, we did not write."""
    try:
        answer = await _ask(writes, head_sha)
        repository = None if answer.problems else answer.data.repository
    except (Unavailable, NotFound, GitHubRejected):
        repository = None
    if repository is None or repository.pull is None:
        return await _listed(writes, head_sha, check_name)
    suites = repository.head.suites.nodes if repository.head and repository.head.suites else ()
    runs = [run for suite in suites if suite and suite.runs for run in suite.runs.nodes if run and run.name == check_name]
    return OwnPosts(
        tuple(sorted((_check(run) for run in runs), key=lambda check: check.id)),
        _own(repository.pull.comments, writes.target.app_slug),
        _own(repository.pull.reviews, writes.target.app_slug),
    )


async def _ask(writes: PullRequestPublisher, head_sha: str) -> GraphQLAnswer[_Data]:
    owner, _, name = writes.target.full_name.partition("/")
    named: dict[str, str | int] = {"owner": owner, "name": name, "number": writes.target.number, "head": head_sha}
    return await writes.github.graphql(_QUERY, {**named, "app": writes.target.app_id}, _Data)


def _own(posts: _Posts | None, slug: str) -> tuple[OwnPost, ...]:
    nodes = posts.nodes if posts else ()
    mine = [post for post in nodes if post and post.author and (post.author.kind, post.author.login) == ("Bot", slug)]
    return tuple(OwnPost(_id(post.url), post.url, post.body, post.state, _inline(post)) for post in mine)


def _inline(post: _Post) -> tuple[str, ...]:
    return tuple(body.body for body in post.comments.nodes if body) if post.comments else ()


def _check(run: _Run) -> OwnCheck:
    return OwnCheck(
        id=_id(run.permalink),
        url=run.permalink,
        external_id=run.external_id or "",
        status=run.status.lower(),
        conclusion=(run.conclusion or "").lower(),
        title=run.title or "",
        summary=run.summary or "",
    )


def _id(url: str) -> int:
    found = _ID.search(url)
    if found is None:
        raise Unavailable(f"GitHub sent a URL without an id: {url[:200]}")
    return int(found[1])


async def _listed(writes: PullRequestPublisher, head_sha: str, check_name: str) -> OwnPosts:
    """The same from the lists of the REST API."""
    try:
        checks = await writes.own_checks(head_sha, check_name)
    except (NotFound, GitHubRejected):
        checks = ()
    comments, reviews = await writes.own_comments(), await writes.own_reviews()
    inline = await writes.own_review_comments() if reviews else ()
    return OwnPosts(
        tuple(_listed_check(check) for check in checks),
        tuple(OwnPost(comment.id, comment.url, comment.body or "") for comment in comments),
        tuple(
            OwnPost(
                id=review.id,
                url=review.url,
                body=review.body or "",
                state=review.state.upper(),
                inline=tuple(comment.body or "" for comment in inline if comment.review_id == review.id),
            )
            for review in reviews
        ),
    )


def _listed_check(check: PostedObject) -> OwnCheck:
    return OwnCheck(
        id=check.id,
        url=check.url,
        external_id=check.external_id or "",
        status=check.status,
        conclusion=check.conclusion or "",
        title=check.output.title or "",
        summary=check.output.summary or "",
    )
