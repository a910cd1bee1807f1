"""The part of GitHub's GraphQL schema that the sandbox answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from graphql import DocumentNode, GraphQLError, GraphQLSchema, build_schema, parse, validate

KEPT_QUERIES = 256

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
  number: Int! isDraft: Boolean! createdAt: DateTime! updatedAt: DateTime! headRefOid: GitObjectID!
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
  viewer: User!
}
enum ReportedContentClassifiers { ABUSE DUPLICATE LOW_QUALITY OFF_TOPIC OUTDATED RESOLVED SPAM }
input MinimizeCommentInput { classifier: ReportedContentClassifiers! clientMutationId: String subjectId: ID! }
interface Minimizable { isMinimized: Boolean! minimizedReason: String }
type PullRequestReviewComment implements Minimizable { isMinimized: Boolean! minimizedReason: String body: String! }
type MinimizeCommentPayload { clientMutationId: String minimizedComment: Minimizable }
type Mutation { minimizeComment(input: MinimizeCommentInput!): MinimizeCommentPayload }
scalar URI
interface Actor { login: String! }
type Bot implements Actor { login: String! }
type User implements Actor { login: String! }
type IssueComment { url: URI! body: String! author: Actor }
type IssueCommentConnection { nodes: [IssueComment] totalCount: Int! }
enum PullRequestReviewState { PENDING COMMENTED APPROVED CHANGES_REQUESTED DISMISSED }
type PullRequestReview {
  url: URI! body: String! state: PullRequestReviewState! author: Actor
  comments(first: Int): PullRequestReviewCommentConnection!
}
type PullRequestReviewConnection { nodes: [PullRequestReview] totalCount: Int! }
type PullRequestReviewCommentConnection { nodes: [PullRequestReviewComment] totalCount: Int! }
enum CheckStatusState { REQUESTED QUEUED IN_PROGRESS COMPLETED WAITING PENDING }
enum CheckConclusionState { ACTION_REQUIRED TIMED_OUT CANCELLED FAILURE SUCCESS NEUTRAL SKIPPED STARTUP_FAILURE STALE }
type CheckRun {
  name: String! permalink: URI! externalId: String status: CheckStatusState! conclusion: CheckConclusionState title: String summary: String
}
type CheckRunConnection { nodes: [CheckRun] totalCount: Int! }
type CheckSuite { checkRuns(first: Int): CheckRunConnection }
type CheckSuiteConnection { nodes: [CheckSuite] totalCount: Int! }
input CheckSuiteFilter { appId: Int checkName: String }
"""


@cache
def schema() -> GraphQLSchema:
    """The schema, built when it is first needed."""
    return build_schema(SCHEMA)


@dataclass(frozen=True)
class CheckedQuery:
    """A query that was parsed and validated: no document with a syntax error, and no errors if it may be executed."""

    document: DocumentNode | None
    errors: Sequence[GraphQLError] = ()


@lru_cache(maxsize=KEPT_QUERIES)
def check_query(query: str) -> CheckedQuery:
    """The query's document and its errors. Values are in the variables, so the same few texts come again; each took 5 ms to check."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return CheckedQuery(None, (error,))
    return CheckedQuery(document, tuple(validate(schema(), document)))
