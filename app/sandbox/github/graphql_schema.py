"""The part of GitHub's GraphQL schema that the sandbox answers."""

from functools import cache

from graphql import GraphQLSchema, build_schema

SCHEMA = """
scalar GitObjectID
scalar DateTime
interface GitObject { oid: GitObjectID! }
type Blob implements GitObject { oid: GitObjectID! byteSize: Int! isBinary: Boolean isTruncated: Boolean! text: String }
type Tree implements GitObject { oid: GitObjectID! }
type Commit implements GitObject {
  oid: GitObjectID! message: String! messageHeadline: String! committedDate: DateTime!
  history(first: Int, path: String): CommitHistoryConnection!
}
type CommitHistoryConnection { nodes: [Commit] totalCount: Int! }
type PullRequestCommit { commit: Commit! }
type PullRequestCommitConnection { nodes: [PullRequestCommit] totalCount: Int! }
type PullRequest {
  number: Int! isDraft: Boolean! createdAt: DateTime! headRefOid: GitObjectID!
  commits(first: Int, last: Int): PullRequestCommitConnection!
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
type PullRequestReviewComment implements Minimizable { isMinimized: Boolean! minimizedReason: String }
type MinimizeCommentPayload { clientMutationId: String minimizedComment: Minimizable }
type Mutation { minimizeComment(input: MinimizeCommentInput!): MinimizeCommentPayload }
"""


@cache
def schema() -> GraphQLSchema:
    """The schema, built once it is needed."""
    return build_schema(SCHEMA)
