"""The publisher: every write that Council makes on a pull request, and how it finds its own posts again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from app.errors import DraftPending, GitHubRejected, NotFound
from app.github.installation_client import GitHubModel, GitHubUser, InstallationClient
from app.secret_filter import Secrets
from reviewers.values.finding import Location

ANNOTATIONS_A_REQUEST = 50
MAX_LISTED = 1000

Reaction = Literal["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"]


class _App(GitHubModel):
    id: int = 0


class _Output(GitHubModel):
    annotations_count: int = 0
    title: str | None = None
    summary: str | None = None


class PostedObject(GitHubModel):
    """Something of ours on GitHub."""

    id: int
    node_id: str = ""
    url: str = Field(default="", alias="html_url")
    body: str | None = None
    state: str = ""
    status: str = ""
    conclusion: str | None = None
    review_id: int | None = Field(default=None, alias="pull_request_review_id")
    external_id: str | None = None
    output: _Output = _Output()
    user: GitHubUser | None = None
    app: _App | None = None
    via: _App | None = Field(default=None, alias="performed_via_github_app")


@dataclass(frozen=True)
class PullRequestTarget:
    """The pull request or issue to write to, and the author."""

    full_name: str
    number: int
    app_id: int
    app_slug: str


@dataclass(frozen=True)
class InlineComment:
    """A review comment on validated lines. `location.line` is not None."""

    location: Location
    body: str


@dataclass(frozen=True)
class Annotation:
    """A note of the check run on lines of the head."""

    path: str
    start_line: int
    end_line: int
    level: Literal["notice", "warning", "failure"]
    title: str
    message: str


@dataclass(frozen=True)
class Conclusion:
    """How a check run ends. `status` in_progress has no conclusion yet.

    `source` is where it comes from: a verdict, which may replace a failure, a skip that the author could cause, or the server.
    """

    status: Literal["in_progress", "completed"]
    title: str
    summary: str
    text: str = ""
    conclusion: Literal["", "success", "failure", "neutral", "action_required", "cancelled", "skipped"] = ""
    annotations: tuple[Annotation, ...] = ()
    source: Literal["verdict", "author", "server"] = "server"


class PullRequestPublisher:
    """Bound to one pull request or issue. Every outgoing text is searched for fragments of our secrets."""

    def __init__(self, github: InstallationClient, target: PullRequestTarget, secrets: Secrets) -> None:
        self.target = target
        self.github = github
        self.secrets = secrets
        self._repo = f"/repos/{target.full_name}"
        self._reviews = f"{self._repo}/pulls/{target.number}/reviews"

    async def react(self, comment_id: int, reaction: Reaction, on_review_comment: bool = False) -> None:
        """React to a comment, or (id 0) to the issue itself. GitHub keeps only one of each kind, so this may be repeated."""
        kind = "pulls" if on_review_comment else "issues"
        what = f"comments/{comment_id}" if comment_id else str(self.target.number)
        await self.github.post(f"{self._repo}/{kind}/{what}/reactions", {"content": reaction}, PostedObject)

    async def create_comment(self, body: str) -> PostedObject:
        return await self.github.post(f"{self._repo}/issues/{self.target.number}/comments", {"body": self._clean(body)}, PostedObject)

    async def comment(self, comment_id: int) -> PostedObject | None:
        """A comment of the conversation, None if it is not ours. Raises NotFound if it was deleted."""
        found = await self.github.get(f"{self._repo}/issues/comments/{comment_id}", PostedObject)
        return found if self._ours(found) else None

    async def edit_comment(self, comment_id: int, body: str) -> PostedObject:
        return await self.github.patch(f"{self._repo}/issues/comments/{comment_id}", {"body": self._clean(body)}, PostedObject)

    async def reply(self, thread_id: int, body: str) -> PostedObject:
        """Answer in the thread of a comment on the diff. `thread_id` is its first comment. Raises DraftPending."""
        path = f"{self._repo}/pulls/{self.target.number}/comments/{thread_id}/replies"
        try:
            return await self.github.post(path, {"body": self._clean(body)}, PostedObject)
        except GitHubRejected as error:
            if error.status == 422 and "one pending review" in str(error):
                raise DraftPending from error
            raise

    async def thread_url(self, thread_id: int) -> str:
        """The address of a thread on the diff."""
        return (await self.github.get(f"{self._repo}/pulls/comments/{thread_id}", PostedObject)).url

    async def edit_review_comment(self, comment_id: int, body: str) -> PostedObject:
        return await self.github.patch(f"{self._repo}/pulls/comments/{comment_id}", {"body": self._clean(body)}, PostedObject)

    async def review_comment(self, comment_id: int) -> PostedObject | None:
        """A comment on the diff, None if it is not ours."""
        found = await self.github.get(f"{self._repo}/pulls/comments/{comment_id}", PostedObject)
        return found if self._ours(found) else None

    async def minimise(self, node_id: str, why: Literal["OUTDATED", "RESOLVED"]) -> None:
        """Fold a comment of ours. Only GraphQL can do this, and doing it twice changes nothing."""
        query = "mutation($id: ID!, $why: ReportedContentClassifiers!) { minimizeComment(input: {subjectId: $id, classifier: $why}) "
        query += "{ minimizedComment { __typename isMinimized } } }"
        await self.github.mutate(query, {"id": node_id, "why": why})

    async def own_review_comments(self) -> tuple[PostedObject, ...]:
        """Our comments on the diff among the newest 1,000, oldest first."""
        path = f"{self._repo}/pulls/{self.target.number}/comments"
        return tuple(found for found in (await self.github.newest(path, PostedObject, MAX_LISTED)).items if self._ours(found))

    async def delete_comment(self, comment_id: int) -> None:
        await self._quietly(f"{self._repo}/issues/comments/{comment_id}")

    async def own_comments(self) -> tuple[PostedObject, ...]:
        """Our comments among the newest 1,000 of the conversation, oldest first, identified by author, never by text alone."""
        path = f"{self._repo}/issues/{self.target.number}/comments"
        return tuple(found for found in (await self.github.newest(path, PostedObject, MAX_LISTED)).items if self._ours(found))

    async def create_check(self, name: str, head_sha: str, external_id: str, content: Conclusion, details_url: str = "") -> PostedObject:
        """Create a check run. Annotations beyond the first 50 need `update_check`."""
        body = {"name": name, "head_sha": head_sha, "external_id": external_id, **self._check(content, content.annotations)}
        return await self.github.post(
            f"{self._repo}/check-runs", {**body, **({"details_url": details_url} if details_url else {})}, PostedObject
        )

    async def update_check(self, check_id: int, content: Conclusion, noted: int = 0) -> PostedObject:
        """Edit a check run. Annotations are appended, 50 per request, after the `noted` existing ones. The last request concludes it."""
        path, notes = f"{self._repo}/check-runs/{check_id}", content.annotations[noted:]
        while len(notes) > ANNOTATIONS_A_REQUEST:
            running = Conclusion("in_progress", content.title, content.summary)
            await self.github.patch(path, self._check(running, notes[:ANNOTATIONS_A_REQUEST]), PostedObject)
            notes = notes[ANNOTATIONS_A_REQUEST:]
        return await self.github.patch(path, self._check(content, notes), PostedObject)

    async def check(self, check_id: int) -> PostedObject:
        return await self.github.get(f"{self._repo}/check-runs/{check_id}", PostedObject)

    async def own_checks(self, head_sha: str, name: str) -> tuple[PostedObject, ...]:
        """Our check runs with that name on a commit."""
        params: dict[str, str | int] = {"check_name": name, "filter": "all", "app_id": self.target.app_id}
        objects = await self.github.pages(f"{self._repo}/commits/{head_sha}/check-runs", PostedObject, 100, params, key="check_runs")
        return tuple(check for check in objects if check.app is not None and check.app.id == self.target.app_id)

    async def create_pending_review(self, head_sha: str, body: str, comments: Sequence[InlineComment]) -> PostedObject:
        """An invisible review: without an `event` GitHub keeps it PENDING. One invalid line, and GitHub rejects all of it (422)."""
        shaped = [self._comment(comment) for comment in comments]
        return await self.github.post(self._reviews, {"commit_id": head_sha, "body": self._clean(body), "comments": shaped}, PostedObject)

    async def submit_review(self, review_id: int, body: str) -> PostedObject:
        """Publish a pending review, with this body replacing its previous one."""
        return await self.github.post(f"{self._reviews}/{review_id}/events", {"event": "COMMENT", "body": self._clean(body)}, PostedObject)

    async def delete_pending_review(self, review_id: int) -> None:
        await self._quietly(f"{self._reviews}/{review_id}")

    async def review(self, review_id: int) -> PostedObject:
        return await self.github.get(f"{self._reviews}/{review_id}", PostedObject)

    async def own_reviews(self) -> tuple[PostedObject, ...]:
        """Our reviews among the newest 1,000, including pending ones, which GitHub lists only to their author."""
        return tuple(found for found in (await self.github.newest(self._reviews, PostedObject, MAX_LISTED)).items if self._ours(found))

    def _ours(self, remote: PostedObject) -> bool:
        if remote.via is not None:
            return remote.via.id == self.target.app_id
        return remote.user is not None and remote.user.login == f"{self.target.app_slug}[bot]"

    async def _quietly(self, path: str) -> None:
        try:
            await self.github.delete(path)
        except NotFound:
            return

    def _clean(self, text: str) -> str:
        return self.secrets.removed(text)

    def _comment(self, comment: InlineComment) -> Mapping[str, object]:
        place = comment.location
        shaped = {"path": place.path, "line": place.line, "side": place.side.value, "body": self._clean(comment.body)}
        if place.start_line is not None and place.start_line != place.line:
            shaped |= {"start_line": place.start_line, "start_side": place.side.value}
        return shaped

    def _check(self, content: Conclusion, notes: Sequence[Annotation]) -> dict[str, object]:
        output: dict[str, object] = {"title": self._clean(content.title), "summary": self._clean(content.summary)}
        if content.text:
            output["text"] = self._clean(content.text)
        output["annotations"] = [
            {
                "path": note.path,
                "start_line": note.start_line,
                "end_line": note.end_line,
                "annotation_level": note.level,
                "title": self._clean(note.title),
                "message": self._clean(note.message),
            }
            for note in notes[:ANNOTATIONS_A_REQUEST]
        ]
        body: dict[str, object] = {"status": content.status, "output": output}
        if content.status == "completed":
            body["conclusion"] = content.conclusion or "neutral"
            body["actions"] = [{"label": "Re-run council", "description": "Review this commit again", "identifier": "rerun"}]
        return body
