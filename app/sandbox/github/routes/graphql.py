"""The GraphQL door: batched blob reads and the folding of comments, with a small schema that GitHub's own contains."""

import re
from functools import cache, partial
from typing import Any

from graphql import FieldNode, GraphQLResolveInfo, GraphQLSchema, OperationDefinitionNode, VariableNode, build_schema, graphql_sync, parse

from app.sandbox.faults import Harm
from app.sandbox.github.entities import PullRequest, ReviewComment
from app.sandbox.github.exchange import Answer, Call, Route
from app.sandbox.github.git import Commit, ancestry, blob_sha, is_binary, tree_sha
from app.sandbox.github.refusal import Refused
from app.sandbox.github.repository import Repository
from app.sandbox.github.reviewing import visible_comments
from app.sandbox.github.routes.graphql_posts import POSTS, PullPosts, check_suites
from app.sandbox.github.shapes.links import node_id, when

TRUNCATED_AT = 512_000
LATE = "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."
SCHEMA = """
scalar GitObjectID
scalar DateTime
interface GitObject { oid: GitObjectID! }
type Blob implements GitObject { oid: GitObjectID! byteSize: Int! isBinary: Boolean isTruncated: Boolean! text: String }
type Tree implements GitObject { oid: GitObjectID! }
type Commit implements GitObject {
  oid: GitObjectID! message: String! messageHeadline: String! committedDate: DateTime!
  history(first: Int, path: String): CommitHistoryConnection!
  checkSuites(first: Int, filterBy: CheckSuiteFilter): CheckSuiteConnection
}
type CommitHistoryConnection { nodes: [Commit] totalCount: Int! }
type PullRequestCommit { commit: Commit! }
type PullRequestCommitConnection { nodes: [PullRequestCommit] totalCount: Int! }
type PullRequest {
  number: Int! isDraft: Boolean! createdAt: DateTime! headRefOid: GitObjectID!
  commits(first: Int, last: Int): PullRequestCommitConnection!
  comments(last: Int): IssueCommentConnection!
  reviews(last: Int): PullRequestReviewConnection
}
type PullRequestConnection { nodes: [PullRequest] totalCount: Int! }
enum PullRequestState { OPEN CLOSED MERGED }
enum IssueOrderField { CREATED_AT UPDATED_AT COMMENTS }
enum OrderDirection { ASC DESC }
input IssueOrder { field: IssueOrderField! direction: OrderDirection! }
type RateLimit { cost: Int! limit: Int! remaining: Int! used: Int! resetAt: DateTime! }
type MergeQueueEntry { baseCommit: Commit headCommit: Commit position: Int! pullRequest: PullRequest }
type MergeQueueEntryConnection { nodes: [MergeQueueEntry] totalCount: Int! }
type MergeQueue { entries(first: Int): MergeQueueEntryConnection }
type Repository {
  mergeQueue(branch: String): MergeQueue
  nameWithOwner: String!
  pullRequest(number: Int!): PullRequest
  object(expression: String, oid: GitObjectID): GitObject
  pullRequests(states: [PullRequestState!], first: Int, orderBy: IssueOrder): PullRequestConnection!
}
type Query {
  repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
  rateLimit(dryRun: Boolean = false): RateLimit
}
enum ReportedContentClassifiers { ABUSE DUPLICATE LOW_QUALITY OFF_TOPIC OUTDATED RESOLVED SPAM }
input MinimizeCommentInput { classifier: ReportedContentClassifiers! clientMutationId: String subjectId: ID! }
interface Minimizable { isMinimized: Boolean! minimizedReason: String }
type PullRequestReviewComment implements Minimizable { isMinimized: Boolean! minimizedReason: String body: String! }
type MinimizeCommentPayload { clientMutationId: String minimizedComment: Minimizable }
type Mutation { minimizeComment(input: MinimizeCommentInput!): MinimizeCommentPayload }
"""


@cache
def schema() -> GraphQLSchema:
    """The schema, built once it is needed."""
    return build_schema(SCHEMA + POSTS)


class _Root:
    def __init__(self, call: Call) -> None:
        self._call = call

    def repository(self, _info: GraphQLResolveInfo[Any], owner: str, name: str, **_: Any) -> "_Repository":  # noqa: ANN401
        try:
            moved = self._call.github.world.moved(f"{owner}/{name}")
            found = self._call.github.door.repository(self._call.actor, moved.full_name if moved else f"{owner}/{name}")
            self._call.github.door.allow(self._call.actor, found, "contents:read")
        except Refused as refused:
            raise LookupError(f"Could not resolve to a Repository with the name '{owner}/{name}'.") from refused
        return _Repository(found, self._call)

    def rateLimit(self, _info: GraphQLResolveInfo[Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401 - GraphQL's name
        headers = self._call.github.meter.headers(self._call.actor.name, "graphql")
        count = {key: int(headers[f"x-ratelimit-{key}"]) for key in ("limit", "remaining", "used")}
        return count | {"cost": 1, "resetAt": self._call.github.world.now().strftime("%Y-%m-%dT%H:%M:%SZ")}

    def minimizeComment(self, _info: GraphQLResolveInfo[Any], input: dict[str, str]) -> dict[str, Any]:
        repository, comment = _review_comment(self._call, input["subjectId"])
        try:
            self._call.github.door.allow(self._call.actor, repository, "pull_requests:write")
        except Refused as refused:
            raise LookupError("Resource not accessible by integration") from refused
        comment.minimized = input["classifier"].lower()
        shown = {"__typename": "PullRequestReviewComment", "isMinimized": True, "minimizedReason": comment.minimized}
        return {"minimizedComment": shown}


def _review_comment(call: Call, subject: str) -> tuple[Repository, ReviewComment]:
    """The comment on the diff of that node id, in a repository the caller sees."""
    for repository in call.github.world.repositories.values():
        for pull in repository.pulls.values():
            for comment in visible_comments(pull, None):
                if node_id("PullRequestReviewComment", comment.id) == subject:
                    call.github.door.repository(call.actor, repository.full_name)
                    return repository, comment
    raise LookupError(f"Could not resolve to a node with the global id of '{subject}'")


class _Repository:
    def __init__(self, repository: Repository, call: Call) -> None:
        self._repository = repository
        self._call = call
        self.nameWithOwner = repository.full_name

    def object(self, _info: GraphQLResolveInfo[Any], expression: str | None = None, oid: str | None = None) -> dict[str, Any] | None:
        ref, _, path = (expression or oid or "").partition(":")
        try:
            commit = self._repository.resolve(ref)
        except Refused:
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
        except Refused as refused:
            raise LookupError(f"Could not resolve to a PullRequest with the number of {number}.") from refused
        posts = PullPosts(self._call, self._repository, pull)
        return self._pull(pull) | {"comments": posts.comments, "reviews": posts.reviews}

    def _history(self, commit: Commit, _info: GraphQLResolveInfo[Any], first: int = 30, path: str = "") -> dict[str, Any]:
        """The commits that changed a file against their first parent, newest first."""
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
        pulls = [each for each in self._repository.pulls.values() if not states or _state(each) in states]
        newest = sorted(pulls, key=lambda each: -each.number) if orderBy else pulls
        return {"totalCount": len(pulls), "nodes": [self._pull(each) for each in newest[:first]]}

    def mergeQueue(self, _info: GraphQLResolveInfo[Any], branch: str = "") -> dict[str, Any] | None:
        """The entries of the groups that wait; null where the permission is missing, as an error says."""
        try:
            self._call.github.door.allow(self._call.actor, self._repository, "merge_queues:read")
        except Refused as refused:
            raise LookupError("Resource not accessible by integration") from refused
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
            "headRefOid": pull.head_sha,
            "commits": {"totalCount": 1, "nodes": [{"commit": _commit(head)}]},
        }


def _state(pull: PullRequest) -> str:
    return "MERGED" if pull.merged_at else pull.issue.state.upper()


def _commit(commit: Commit) -> dict[str, Any]:
    return {
        "__typename": "Commit",
        "oid": commit.sha,
        "message": commit.message,
        "messageHeadline": commit.message.partition("\n")[0],
        "committedDate": when(commit.at),
    }


def _at(commit: Commit, path: str) -> dict[str, Any] | None:
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


def graphql(call: Call) -> Answer:
    """Run a query; errors are part of a 200, as GraphQL has it."""
    if call.actor.kind != "installation":
        raise Refused(401, "This endpoint requires you to be authenticated.")
    query = call.body.get("query")
    if not isinstance(query, str):
        raise Refused(400, "A query attribute must be specified and must be a string.")
    done = graphql_sync(schema(), query, root_value=_Root(call), variable_values=call.body.get("variables"))
    body: dict[str, Any] = {} if done.data is None else {"data": done.data}
    if done.errors:
        body["errors"] = [
            {
                "message": each.message,
                "path": each.path,
                "locations": [{"line": at.line, "column": at.column} for at in each.locations or []],
            }
            | ({"type": "NOT_FOUND"} if isinstance(each.original_error, LookupError) else {})
            for each in done.errors
        ]
    fault = call.fault if call.fault is not None and call.fault.harm is Harm.PARTIAL else None
    if fault is not None and not _lose(body, query, call.body.get("variables") or {}, fault.field):
        # Nothing of this query matched: the fault waits for the one that it is about.
        fault.hits -= 1
    return Answer(body, headers={"x-ratelimit-resource": "graphql"})


def _lose(body: dict[str, Any], query: str, variables: dict[str, Any], pattern: str) -> bool:
    """Take away every value of a repository that was asked for with an argument like `pattern`, as GitHub does when time runs out."""
    lost = False
    taken: dict[str, Any] = (body.get("data") or {}).get("repository") or {}
    for field in _repository_fields(query):
        given = [str(variables.get(each.value.name.value)) for each in field.arguments or () if isinstance(each.value, VariableNode)]
        name = field.alias.value if field.alias else field.name.value
        if name in taken and any(re.search(pattern, value) for value in given):
            taken[name] = None
            body.setdefault("errors", []).append({"message": LATE, "path": ["repository", name]})
            lost = True
    return lost


def _repository_fields(query: str) -> list[FieldNode]:
    """What a query asks of `repository`."""
    tops = [top for each in parse(query).definitions if isinstance(each, OperationDefinitionNode) for top in each.selection_set.selections]
    within = [top.selection_set.selections for top in tops if isinstance(top, FieldNode) and top.selection_set]
    return [field for each in within for field in each if isinstance(field, FieldNode)]


ROUTES = (Route("POST", "/graphql", graphql),)
