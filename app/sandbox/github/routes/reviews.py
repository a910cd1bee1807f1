"""Routes of reviews and their comments."""

from app.sandbox.github import reviewing
from app.sandbox.github.entities import Review
from app.sandbox.github.exchange import Route, SandboxRequest, SandboxResponse
from app.sandbox.github.refusal import invalid, not_found
from app.sandbox.github.shapes import issues, pulls
from app.sandbox.github.shapes.links import REACTIONS


def list_reviews(call: SandboxRequest) -> SandboxResponse:
    """Submitted reviews and the caller's own pending one."""
    repo, pull = call.repository, call.pull
    reviews = [review for review in pull.reviews if review.state != "PENDING" or review.author == call.viewer]
    return call.page(call.fresh(reviews), lambda each: pulls.review(call.links, repo, pull, each))


def create_review(call: SandboxRequest) -> SandboxResponse:
    repo, pull = call.repository, call.pull
    reviewing.check_unlocked(repo, pull.issue, call.viewer)
    review = reviewing.create(repo, pull, call.viewer, call.body)
    call.github.written(review.id)
    return SandboxResponse(pulls.review(call.links, repo, pull, review))


def _review(call: SandboxRequest) -> Review:
    return call.repository.review_of(call.pull, call.number("review"), call.viewer)


def get_review(call: SandboxRequest) -> SandboxResponse:
    reviews = call.fresh([_review(call)])
    if not reviews:
        raise not_found()
    return SandboxResponse(pulls.review(call.links, call.repository, call.pull, reviews[0]))


def update_review(call: SandboxRequest) -> SandboxResponse:
    review = _review(call)
    review.body = reviewing.check_body("PullRequestReview", call.body.get("body"))
    return SandboxResponse(pulls.review(call.links, call.repository, call.pull, review))


def delete_pending_review(call: SandboxRequest) -> SandboxResponse:
    review = _review(call)
    reviewing.delete_pending(call.pull, review)
    return SandboxResponse(pulls.review(call.links, call.repository, call.pull, review))


def submit_review(call: SandboxRequest) -> SandboxResponse:
    review = reviewing.submit(call.repository, call.pull, _review(call), call.body)
    return SandboxResponse(pulls.review(call.links, call.repository, call.pull, review))


def list_review_comments(call: SandboxRequest) -> SandboxResponse:
    repo, pull = call.repository, call.pull
    return call.page(_review(call).comments, lambda each: pulls.review_comment(call.links, repo, pull, each))


def list_comments(call: SandboxRequest) -> SandboxResponse:
    """Comments of submitted reviews only. Those of a pending review are not listed here."""
    repo, pull = call.repository, call.pull
    fresh = {review.id for review in call.fresh(pull.reviews)}
    comments = [comment for comment in reviewing.visible_comments(pull, None) if comment.review_id in fresh]
    return call.page(comments, lambda each: pulls.review_comment(call.links, repo, pull, each))


def reply_to_comment(call: SandboxRequest) -> SandboxResponse:
    repo, pull = call.repository, call.pull
    reviewing.check_unlocked(repo, pull.issue, call.viewer)
    comment = reviewing.reply(repo, pull, call.number("comment"), call.viewer, call.body.get("body"))
    return SandboxResponse(pulls.review_comment(call.links, repo, pull, comment), 201)


def get_review_comment(call: SandboxRequest) -> SandboxResponse:
    pull, comment = reviewing.comment_of(call.repository, call.number("comment"), call.viewer)
    return SandboxResponse(pulls.review_comment(call.links, call.repository, pull, comment))


def update_review_comment(call: SandboxRequest) -> SandboxResponse:
    pull, comment = reviewing.comment_of(call.repository, call.number("comment"), call.viewer)
    comment.body = reviewing.check_body("PullRequestReviewComment", call.body.get("body"))
    comment.updated_at = call.github.world.now()
    return SandboxResponse(pulls.review_comment(call.links, call.repository, pull, comment))


def delete_review_comment(call: SandboxRequest) -> SandboxResponse:
    pull, comment = reviewing.comment_of(call.repository, call.number("comment"), call.viewer)
    for review in pull.reviews:
        if comment in review.comments:
            review.comments.remove(comment)
    return SandboxResponse(status=204)


def list_review_comment_reactions(call: SandboxRequest) -> SandboxResponse:
    _, comment = reviewing.comment_of(call.repository, call.number("comment"), call.viewer)
    reactions = [reaction for reaction in comment.reactions if call.query.get("content") in (None, reaction.content)]
    return call.page(reactions, lambda each: issues.reaction(call.links, each))


def react_to_review_comment(call: SandboxRequest) -> SandboxResponse:
    if call.body.get("content") not in REACTIONS:
        raise invalid("Reaction", "content", "unknown reaction", "invalid")
    _, comment = reviewing.comment_of(call.repository, call.number("comment"), call.viewer)
    reaction, new = call.repository.react(comment.reactions, call.viewer.login, call.body["content"])
    return SandboxResponse(issues.reaction(call.links, reaction), 201 if new else 200)


PULL = "/repos/{owner}/{repo}/pulls/{number}"
COMMENT = "/repos/{owner}/{repo}/pulls/comments/{comment}"
READ, WRITE = "pull_requests:read", "pull_requests:write"
ROUTES = (
    Route("GET", PULL + "/reviews", list_reviews, READ),
    Route("POST", PULL + "/reviews", create_review, WRITE, creates=True),
    Route("GET", PULL + "/reviews/{review}", get_review, READ),
    Route("PUT", PULL + "/reviews/{review}", update_review, WRITE),
    Route("DELETE", PULL + "/reviews/{review}", delete_pending_review, WRITE),
    Route("POST", PULL + "/reviews/{review}/events", submit_review, WRITE, creates=True),
    Route("GET", PULL + "/reviews/{review}/comments", list_review_comments, READ),
    Route("GET", PULL + "/comments", list_comments, READ),
    Route("POST", PULL + "/comments/{comment}/replies", reply_to_comment, WRITE, creates=True),
    Route("GET", COMMENT, get_review_comment, READ),
    Route("PATCH", COMMENT, update_review_comment, WRITE),
    Route("DELETE", COMMENT, delete_review_comment, WRITE),
    Route("GET", COMMENT + "/reactions", list_review_comment_reactions, READ),
    Route("POST", COMMENT + "/reactions", react_to_review_comment, WRITE),
)
