"""Reviews under GitHub's rules: one pending review per person, all comments or none, lines inside a hunk."""

from typing import TYPE_CHECKING

from app.sandbox.github.diffs import DiffHunk, FileChange
from app.sandbox.github.entities import Issue, Json, PullRequest, Review, ReviewComment, User
from app.sandbox.github.refusal import GitHubError, invalid, not_found, unprocessable

if TYPE_CHECKING:
    from app.sandbox.github.repository import SandboxRepository

BODY_LIMIT = 65_536
STATES = {"COMMENT": "COMMENTED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}


def check_body(resource: str, body: object, *, required: bool = True) -> str:
    """A comment's text, within GitHub's limit."""
    if required and not (isinstance(body, str) and body.strip()):
        raise _bad_body(resource, "body can't be blank", "missing_field")
    text = str(body or "")
    if len(text) > BODY_LIMIT:
        raise _bad_body(resource, f"body is too long (maximum is {BODY_LIMIT} characters)", "custom")
    return text


def check_unlocked(repository: "SandboxRepository", issue: Issue, author: User) -> None:
    """Refuse a comment in a locked conversation without write access. An App has none without `contents: write`."""
    if issue.locked and repository.role_of(author.login) not in {"write", "maintain", "admin"}:
        raise GitHubError(403, "Unable to create comment because issue is locked.")


def _bad_body(resource: str, message: str, code: str) -> GitHubError:
    return invalid(resource, "body", message, code) if resource == "IssueComment" else unprocessable(message)


def create(repository: "SandboxRepository", pull: PullRequest, author: User, body: Json) -> Review:
    """Create a review, pending without an event, otherwise submitted at once. One bad comment refuses all."""
    event = body.get("event")
    text = check_body("PullRequestReview", body.get("body"), required=False)
    sha = body.get("commit_id") or pull.head_sha
    # https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
    if sha not in repository.commits_since(pull.base_sha, pull.head_sha):
        raise unprocessable("The commit_id is not part of the pull request")
    if _has_draft(pull, author):
        raise unprocessable("User can only have one pending review per pull request")
    _check_event(pull, author, event)
    review = Review(repository.world.next_id(), author, text, sha)
    review.comments = [_comment(repository, pull, review, each) for each in body.get("comments") or []]
    if event:
        _check_not_empty(event, text, review)
    pull.reviews.append(review)
    if event:
        _submit(repository, pull, review, event)
    return review


def submit(repository: "SandboxRepository", pull: PullRequest, review: Review, body: Json) -> Review:
    """Submit a pending review."""
    event = body.get("event")
    if not event:
        raise GitHubError(422, 'Invalid request.\n\n"event" wasn\'t supplied.')
    if review.state != "PENDING":
        raise unprocessable("Can not submit a review that is not pending")
    text = check_body("PullRequestReview", body.get("body"), required=False) or review.body
    _check_event(pull, review.author, event)
    _check_not_empty(event, text, review)
    review.body = text
    _submit(repository, pull, review, event)
    return review


def delete_pending(pull: PullRequest, review: Review) -> None:
    """Delete a review that only its author has seen."""
    if review.state != "PENDING":
        raise unprocessable("Can not delete a non-pending pull request review")
    pull.reviews.remove(review)


def comment_of(repository: "SandboxRepository", comment_id: int, viewer: User) -> tuple[PullRequest, ReviewComment]:
    """A comment on the diff that the viewer may see."""
    for pull in repository.pulls.values():
        for comment in visible_comments(pull, viewer):
            if comment.id == comment_id:
                return pull, comment
    raise not_found()


def visible_comments(pull: PullRequest, viewer: User | None) -> list[ReviewComment]:
    """Comments of submitted reviews and of the viewer's own pending one."""
    return [comment for review in pull.reviews if review.state != "PENDING" or review.author == viewer for comment in review.comments]


def reply(repository: "SandboxRepository", pull: PullRequest, comment_id: int, author: User, body: object) -> ReviewComment:
    """Answer in the thread of a comment. The answer is a separate, submitted review."""
    root = next((comment for comment in visible_comments(pull, None) if comment.id == comment_id), None)
    if root is None:
        raise not_found()
    if _has_draft(pull, author):
        # A reply is also a review: https://github.com/namanshergill/diohub/issues/18
        raise invalid("PullRequestReview", "user_id", "user_id can only have one pending review per pull request")
    if root.in_reply_to is not None:
        # "Replies to replies are not supported": https://docs.github.com/en/rest/pulls/comments#create-a-reply-for-a-review-comment
        raise invalid("PullRequestReviewComment", "in_reply_to", "in_reply_to must be a top-level comment", "invalid")
    world, now = repository.world, repository.world.now()
    text = check_body("PullRequestReviewComment", body)
    review = Review(world.next_id(), author, "", root.commit_sha, "COMMENTED", now)
    made = ReviewComment(world.next_id(), review.id, author, root.path, text, root.commit_sha, root.diff_hunk, now, now)
    made.line, made.side, made.start_line, made.start_side = root.line, root.side, root.start_line, root.start_side
    made.in_reply_to = root.id
    review.comments.append(made)
    pull.reviews.append(review)
    repository.tell("pull_request_review", "submitted", author, pull=pull, review=review)
    repository.tell("pull_request_review_comment", "created", author, pull=pull, comment=made)
    return made


def resolve_thread(repository: "SandboxRepository", comment_id: int, by: str, resolved: bool = True) -> None:
    """Resolve or reopen the thread of a comment on the diff. GitHub's REST API cannot do this."""
    pull, root = comment_of(repository, comment_id, repository.world.user(by))
    thread = [root, *(comment for comment in visible_comments(pull, None) if comment.in_reply_to == root.id)]
    repository.tell(
        "pull_request_review_thread", "resolved" if resolved else "unresolved", repository.world.user(by), pull=pull, thread=thread
    )


def _has_draft(pull: PullRequest, author: User) -> bool:
    return any(review.state == "PENDING" and review.author == author for review in pull.reviews)


def _check_event(pull: PullRequest, author: User, event: object) -> None:
    if event is None:
        return
    if event == "APPROVE":
        raise unprocessable("Approving is not allowed here")
    if event not in STATES:
        raise unprocessable(f"Variable $event of type PullRequestReviewEvent was provided invalid value: {event}")
    if event == "REQUEST_CHANGES" and pull.issue.author == author:
        raise unprocessable("Can not request changes on your own pull request")


def _check_not_empty(event: object, text: str, review: Review) -> None:
    if not text.strip() and (event == "REQUEST_CHANGES" or not review.comments):
        raise unprocessable("Review body can't be blank")


def _submit(repository: "SandboxRepository", pull: PullRequest, review: Review, event: str) -> None:
    review.state, review.submitted_at = STATES[event], repository.world.now()
    repository.tell("pull_request_review", "submitted", review.author, pull=pull, review=review)
    for comment in review.comments:
        repository.tell("pull_request_review_comment", "created", review.author, pull=pull, comment=comment)


def _comment(repository: "SandboxRepository", pull: PullRequest, review: Review, body: Json) -> ReviewComment:
    text = check_body("PullRequestReviewComment", body.get("body"))
    changes = repository.diff(pull.base_sha, review.commit_sha)
    change = next((each for each in changes if each.path == body.get("path")), None)
    if change is None:
        raise unprocessable("Path could not be resolved")
    line, side = body.get("line"), body.get("side") or "RIGHT"
    if line is None:
        line, side = _at_position(change, body.get("position"))
    hunk = change.hunk_at(line, side)
    if hunk is None:
        raise unprocessable("Line could not be resolved")
    start, start_side = body.get("start_line"), body.get("start_side") or side
    if start is not None:
        _check_range(hunk, (start, start_side), (line, side))
    world, now = repository.world, repository.world.now()
    comment = ReviewComment(
        world.next_id(), review.id, review.author, change.path, text, review.commit_sha, _until(hunk, line, side), now, now
    )
    comment.line, comment.side = line, side
    comment.start_line, comment.start_side = (start, start_side) if start is not None else (None, None)
    return comment


def _check_range(hunk: DiffHunk, start: tuple[int, str], end: tuple[int, str]) -> None:
    places = [{(old, "LEFT"), (new, "RIGHT")} for old, new, _ in hunk.numbered()]
    first = next((index for index, place in enumerate(places) if start in place), None)
    last = next(index for index, place in enumerate(places) if end in place)
    if first is None:
        raise unprocessable("Start line could not be resolved")
    if first >= last:
        raise unprocessable("start_line must precede the end line.")


def _at_position(change: FileChange, position: object) -> tuple[int, str]:
    if not isinstance(position, int):
        raise unprocessable("Line could not be resolved")
    count = 0
    for index, hunk in enumerate(change.hunks):
        count += index > 0
        for old, new, _ in hunk.numbered():
            count += 1
            if count == position:
                return (new, "RIGHT") if new is not None else (old or 0, "LEFT")
    raise unprocessable("Position could not be resolved")


def _until(hunk: DiffHunk, line: int, side: str) -> str:
    shown = [hunk.header]
    for old, new, text in hunk.numbered():
        shown.append(text)
        if (new if side == "RIGHT" else old) == line:
            break
    return "\n".join(shown)
