"""Posts about a pull request for the GraphQL API: comments, reviews, and checks of its head."""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLResolveInfo

from app.sandbox.github.entities import CheckRun, Comment, PullRequest, Review, User
from app.sandbox.github.exchange import SandboxRequest
from app.sandbox.github.refusal import GitHubError
from app.sandbox.github.repository import SandboxRepository


class PullPosts:
    """The conversation and the reviews of a pull request."""

    def __init__(self, call: SandboxRequest, repository: SandboxRepository, pull: PullRequest) -> None:
        self._call, self._repository, self._pull = call, repository, pull
        self._page = f"{call.links.page(repository.full_name)}/pull/{pull.number}"

    def comments(self, _info: GraphQLResolveInfo[Any], last: int = 100) -> dict[str, Any]:
        self._allow()
        return _nodes([self._comment(comment) for comment in self._call.fresh(self._pull.issue.comments)][-last:])

    def reviews(self, _info: GraphQLResolveInfo[Any], last: int = 100) -> dict[str, Any]:
        """Submitted reviews and the caller's own pending one."""
        self._allow()
        seen = [review for review in self._pull.reviews if review.state != "PENDING" or review.author == self._call.viewer]
        return _nodes([self._review(review) for review in self._call.fresh(seen)][-last:])

    def _allow(self) -> None:
        allow(self._call, self._repository, "pull_requests:read")

    def _comment(self, comment: Comment) -> dict[str, Any]:
        return {"url": f"{self._page}#issuecomment-{comment.id}", "body": comment.body, "author": _actor(comment.author)}

    def _review(self, review: Review) -> dict[str, Any]:
        inline = [{"__typename": "PullRequestReviewComment", "body": comment.body} for comment in review.comments]
        return {
            "url": f"{self._page}#pullrequestreview-{review.id}",
            "body": review.body,
            "state": review.state,
            "author": _actor(review.author),
            "comments": lambda _info, first=30: _nodes(inline[:first]),
        }


def check_suites(call: SandboxRequest, repository: SandboxRepository, sha: str, app_id: int | None) -> dict[str, Any]:
    """The suites of a commit, one per App."""
    allow(call, repository, "checks:read")
    own = repository.world.app
    runs = [each for each in repository.check_runs.values() if each.head_sha == sha]
    if app_id is not None:
        runs = [each for each in runs if each.app_slug == own.slug and app_id == own.id]
    page = call.links.page(repository.full_name)
    slugs = dict.fromkeys(each.app_slug for each in runs)
    return _nodes([{"checkRuns": _checks(call, [run for run in runs if run.app_slug == slug], page)} for slug in slugs])


def _checks(call: SandboxRequest, runs: Sequence[CheckRun], page: str) -> dict[str, Any]:
    return _nodes(
        [
            {
                "name": run.name,
                "permalink": f"{page}/runs/{run.id}",
                "externalId": run.external_id,
                "status": run.status.upper(),
                "conclusion": run.conclusion.upper() if run.conclusion else None,
                "title": run.title,
                "summary": run.summary,
            }
            for run in call.fresh(list(runs))
        ]
    )


def allow(call: SandboxRequest, repository: SandboxRepository, permission: str) -> None:
    """Raise what becomes an error next to a null."""
    try:
        call.github.authenticator.allow(call.actor, repository, permission)
    except GitHubError as refused:
        raise LookupError("Resource not accessible by integration") from refused


def _actor(author: User) -> dict[str, Any]:
    """A bot's login has no "[bot]" here."""
    bot = author.login.endswith("[bot]")
    return {"__typename": "Bot" if bot else "User", "login": author.login.removesuffix("[bot]")}


def _nodes(nodes: list[Any]) -> dict[str, Any]:
    return {"totalCount": len(nodes), "nodes": nodes}
