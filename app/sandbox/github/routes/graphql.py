"""The GraphQL API: batched blob reads and the folding of comments, with a small subset of GitHub's schema."""

from functools import partial
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLResolveInfo, execute_sync

from app.sandbox.faults import FaultKind
from app.sandbox.github.entities import PullRequest, ReviewComment
from app.sandbox.github.exchange import Route, SandboxRequest, SandboxResponse
from app.sandbox.github.git import GitCommit, ancestry, blob_sha, is_binary, tree_sha
from app.sandbox.github.graphql_limits import find_unbounded, lose
from app.sandbox.github.graphql_schema import check_query, schema
from app.sandbox.github.refusal import GitHubError
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.reviewing import visible_comments
from app.sandbox.github.routes.graphql_posts import PullPosts, check_suites
from app.sandbox.github.shapes.links import node_id, when

TRUNCATED_AT = 512_000


class _Root:
    def __init__(self, call: SandboxRequest) -> None:
        self._call = call

    def repository(self, _info: GraphQLResolveInfo[Any], owner: str, name: str, **_: Any) -> "_Repository":  # noqa: ANN401
        try:
            moved = self._call.github.world.moved(f"{owner}/{name}")
            found = self._call.github.authenticator.repository(self._call.actor, moved.full_name if moved else f"{owner}/{name}")
        except GitHubError as refused:
            raise LookupError(f"Could not resolve to a Repository with the name '{owner}/{name}'.") from refused
        return _Repository(found, self._call)

    def rateLimit(self, _info: GraphQLResolveInfo[Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401 - GraphQL's name
        headers = self._call.github.meter.headers(self._call.actor.name, "graphql")
        count = {key: int(headers[f"x-ratelimit-{key}"]) for key in ("limit", "remaining", "used")}
        return count | {"cost": 1, "resetAt": self._call.github.world.now().strftime("%Y-%m-%dT%H:%M:%SZ")}

    def viewer(self, _info: GraphQLResolveInfo[Any]) -> dict[str, Any]:
        return {"__typename": "User", "login": self._call.viewer.login}

    def minimizeComment(self, _info: GraphQLResolveInfo[Any], input: dict[str, str]) -> dict[str, Any]:
        repository, comment = _review_comment(self._call, input["subjectId"])
        _allow(self._call, repository, "pull_requests:write")
        comment.minimized = input["classifier"].lower()
        shown = {"__typename": "PullRequestReviewComment", "isMinimized": True, "minimizedReason": comment.minimized}
        return {"minimizedComment": shown}


def _review_comment(call: SandboxRequest, subject: str) -> tuple[SandboxRepository, ReviewComment]:
    """The comment on the diff with that node id, in a repository the caller sees."""
    for repository in call.github.world.repositories.values():
        for pull in repository.pulls.values():
            for comment in call.fresh(visible_comments(pull, None)):
                if node_id("PullRequestReviewComment", comment.id) == subject:
                    call.github.authenticator.repository(call.actor, repository.full_name)
                    return repository, comment
    raise LookupError(f"Could not resolve to a node with the global id of '{subject}'")


class _Forbidden(Exception):
    """The token lacks a permission."""


def _allow(call: SandboxRequest, repository: SandboxRepository, needed: str) -> None:
    try:
        call.github.authenticator.allow(call.actor, repository, needed)
    except GitHubError as refused:
        raise _Forbidden(refused.message) from refused


class _Repository:
    def __init__(self, repository: SandboxRepository, call: SandboxRequest) -> None:
        self._repository = repository
        self._call = call
        self.nameWithOwner = repository.full_name

    def object(self, _info: GraphQLResolveInfo[Any], expression: str | None = None, oid: str | None = None) -> dict[str, Any] | None:
        _allow(self._call, self._repository, "contents:read")
        ref, _, path = (expression or oid or "").partition(":")
        try:
            commit = self._repository.resolve(ref)
        except GitHubError:
            return None
        if path or ":" in (expression or ""):
            return _at(commit, path)
        suites = partial(self._check_suites, commit.sha)
        return _commit(commit) | {"history": partial(self._history, commit), "checkSuites": suites}

    def _check_suites(self, sha: str, _info: GraphQLResolveInfo[Any], filterBy: dict[str, Any] | None = None, **_: Any) -> dict[str, Any]:  # noqa: ANN401
        return check_suites(self._call, self._repository, sha, (filterBy or {}).get("appId"))

    def pullRequest(self, _info: GraphQLResolveInfo[Any], number: int) -> dict[str, Any]:
        try:
            pull = self._repository.pull(number)
        except GitHubError as refused:
            raise LookupError(f"Could not resolve to a PullRequest with the number of {number}.") from refused
        posts = PullPosts(self._call, self._repository, pull)
        return self._pull(pull) | {"comments": posts.comments, "reviews": posts.reviews}

    def _history(self, commit: GitCommit, _info: GraphQLResolveInfo[Any], first: int = 30, path: str = "") -> dict[str, Any]:
        """The commits that changed a file compared with their first parent, newest first."""
        known = self._repository.commits
        changed = []
        for each in ancestry(known, commit.sha):
            above = known[each.parents[0]].files if each.parents else {}
            if not path or each.files.get(path) != above.get(path):
                changed.append(each)
        return {"totalCount": len(changed), "nodes": [_commit(each) for each in changed[:first]]}

    def pullRequests(
        self, _info: GraphQLResolveInfo[Any], states: list[str] | None = None, first: int = 30, orderBy: dict[str, str] | None = None
    ) -> dict[str, Any]:
        _allow(self._call, self._repository, "pull_requests:read")
        seen = self._call.fresh(self._repository.pulls.values())
        pulls = [request for request in seen if not states or _state(request) in states]
        newest = sorted(pulls, key=lambda each: -each.number) if orderBy else pulls
        return {"totalCount": len(pulls), "nodes": [self._pull(request) for request in newest[:first]]}

    def mergeQueue(self, _info: GraphQLResolveInfo[Any], branch: str = "") -> dict[str, Any] | None:
        """The entries of the waiting groups. Null with an error if the permission is missing."""
        _allow(self._call, self._repository, "merge_queues:read")
        groups = [group for group in self._repository.merge_groups if group.base_ref in ("", f"refs/heads/{branch}")]
        steps = [step for group in groups for step in group.steps]
        nodes = [
            {
                "position": place,
                "baseCommit": _commit(self._repository.resolve(before)),
                "headCommit": _commit(self._repository.resolve(after)),
                "pullRequest": self._pull(self._repository.pull(number)),
            }
            for place, (number, before, after) in enumerate(steps, 1)
        ]
        return {"entries": lambda _info, first=30: {"totalCount": len(nodes), "nodes": nodes[:first]}}

    def _pull(self, pull: PullRequest) -> dict[str, Any]:
        head = self._repository.resolve(pull.head_sha)
        return {
            "number": pull.number,
            "isDraft": pull.draft,
            "createdAt": when(pull.issue.created_at),
            "updatedAt": when(pull.issue.updated_at),
            "headRefOid": pull.head_sha,
            "commits": {"totalCount": 1, "nodes": [{"commit": _commit(head)}]},
        }


def _state(pull: PullRequest) -> str:
    return "MERGED" if pull.merged_at else pull.issue.state.upper()


def _commit(commit: GitCommit) -> dict[str, Any]:
    return {
        "__typename": "Commit",
        "oid": commit.sha,
        "message": commit.message,
        "messageHeadline": commit.message.partition("\n")[0],
        "committedDate": when(commit.at),
    }


def _at(commit: GitCommit, path: str) -> dict[str, Any] | None:
    data = commit.files.get(path)
    if data is None:
        inner = {name.removeprefix(f"{path}/"): each for name, each in commit.files.items() if not path or name.startswith(f"{path}/")}
        return {"__typename": "Tree", "oid": tree_sha(inner)} if inner else None
    binary = is_binary(data)
    return {
        "__typename": "Blob",
        "oid": blob_sha(data),
        "byteSize": len(data),
        "isBinary": binary,
        "isTruncated": len(data) > TRUNCATED_AT,
        "text": None if binary else data[:TRUNCATED_AT].decode("utf-8", "replace"),
    }


def graphql(call: SandboxRequest) -> SandboxResponse:
    """Run a query. Errors are part of a 200, as usual in GraphQL."""
    if call.actor.kind != "installation":
        raise GitHubError(401, "This endpoint requires you to be authenticated.")
    query = call.body.get("query")
    if not isinstance(query, str):
        raise GitHubError(400, "A query attribute must be specified and must be a string.")
    variables = call.body.get("variables") or {}
    if problem := find_unbounded(query, variables):
        return SandboxResponse({"errors": [problem]})
    execution_result = _execute(query, variables, _Root(call))
    body: dict[str, Any] = {} if execution_result.data is None else {"data": execution_result.data}
    if execution_result.errors:
        body["errors"] = [_error(error) for error in execution_result.errors]
    fault = call.fault if call.fault is not None and call.fault.harm is FaultKind.PARTIAL else None
    if fault is not None and not lose(body, query, variables, fault.field):
        # Nothing of this query matched, so the fault waits for a later one.
        fault.hits -= 1
    return SandboxResponse(body)


def _execute(query: str, variables: dict[str, Any], root: _Root) -> ExecutionResult:
    checked = check_query(query)
    if checked.document is None or checked.errors:
        return ExecutionResult(None, list(checked.errors))
    return execute_sync(schema(), checked.document, root_value=root, variable_values=variables)


def _error(error: GraphQLError) -> dict[str, Any]:
    kinds = {LookupError: "NOT_FOUND", _Forbidden: "FORBIDDEN"}
    kind = kinds.get(type(error.original_error)) if error.original_error else None
    places = [{"line": at.line, "column": at.column} for at in error.locations or []]
    return {"message": error.message, "path": error.path, "locations": places} | ({"type": kind} if kind else {})


ROUTES = (Route("POST", "/graphql", graphql, resource="graphql"),)
