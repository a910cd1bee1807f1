"""Routes of issues, their comments, reactions and permissions."""

from collections.abc import Sequence

from app.sandbox.github.entities import Reaction
from app.sandbox.github.exchange import Route, SandboxRequest, SandboxResponse
from app.sandbox.github.refusal import GitHubError, invalid, not_found
from app.sandbox.github.reviewing import check_body, check_unlocked
from app.sandbox.github.shapes import issues, people
from app.sandbox.github.shapes.links import REACTIONS

LEGACY = {"maintain": "write", "triage": "read"}
RANKS = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}


def get_issue(call: SandboxRequest) -> SandboxResponse:
    """An issue. A transferred one redirects."""
    issue = call.repository.issue(call.number("number"))
    if issue.moved_to is not None:
        full_name, number = issue.moved_to
        return SandboxResponse(status=301, headers={"location": f"{call.links.repo(full_name)}/issues/{number}"})
    return SandboxResponse(issues.issue(call.links, call.repository, call.repository.issue(call.number("number"))))


def list_issue_comments(call: SandboxRequest) -> SandboxResponse:
    repo = call.repository
    comments, since = call.fresh(repo.issue(call.number("number")).comments), call.query.get("since")
    shaped = [issues.comment(call.links, repo, comment) for comment in comments]
    return call.page([each for each in shaped if since is None or each["updated_at"] >= since], lambda each: each)


def create_issue_comment(call: SandboxRequest) -> SandboxResponse:
    text = check_body("IssueComment", call.body.get("body"))
    check_unlocked(call.repository, call.repository.issue(call.number("number")), call.viewer)
    comment = call.repository.comment(call.number("number"), call.viewer.login, text)
    call.github.written(comment.id)
    return SandboxResponse(issues.comment(call.links, call.repository, comment), 201)


def get_issue_comment(call: SandboxRequest) -> SandboxResponse:
    comments = call.fresh([call.repository.issue_comment(call.number("comment"))])
    if not comments:
        raise not_found()
    return SandboxResponse(issues.comment(call.links, call.repository, comments[0]))


def update_issue_comment(call: SandboxRequest) -> SandboxResponse:
    text = check_body("IssueComment", call.body.get("body"))
    changed = call.repository.edit_comment(call.number("comment"), text, call.viewer.login)
    return SandboxResponse(issues.comment(call.links, call.repository, changed))


def delete_issue_comment(call: SandboxRequest) -> SandboxResponse:
    call.repository.delete_comment(call.number("comment"), call.viewer.login)
    return SandboxResponse(status=204)


def list_comment_reactions(call: SandboxRequest) -> SandboxResponse:
    return _list_reactions(call, call.repository.issue_comment(call.number("comment")).reactions)


def list_issue_reactions(call: SandboxRequest) -> SandboxResponse:
    return _list_reactions(call, call.repository.issue(call.number("number")).reactions)


def _list_reactions(call: SandboxRequest, given: Sequence[Reaction]) -> SandboxResponse:
    reactions = [reaction for reaction in given if call.query.get("content") in (None, reaction.content)]
    return call.page(reactions, lambda each: issues.reaction(call.links, each))


def react_to_comment(call: SandboxRequest) -> SandboxResponse:
    return _react(call, call.repository.issue_comment(call.number("comment")))


def react_to_issue(call: SandboxRequest) -> SandboxResponse:
    return _react(call, call.repository.issue(call.number("number")))


def _react(call: SandboxRequest, thing) -> SandboxResponse:  # type: ignore[no-untyped-def]
    if call.body.get("content") not in REACTIONS:
        raise invalid("Reaction", "content", "unknown reaction", "invalid")
    reaction, new = call.repository.react(thing.reactions, call.viewer.login, call.body["content"])
    return SandboxResponse(issues.reaction(call.links, reaction), 201 if new else 200)


def delete_reaction(call: SandboxRequest) -> SandboxResponse:
    return _delete_reaction(call, call.repository.issue_comment(call.number("comment")).reactions)


def delete_issue_reaction(call: SandboxRequest) -> SandboxResponse:
    return _delete_reaction(call, call.repository.issue(call.number("number")).reactions)


def _delete_reaction(call: SandboxRequest, reactions: list[Reaction]) -> SandboxResponse:
    found = next((reaction for reaction in reactions if reaction.id == call.number("reaction")), None)
    if found is None:
        raise not_found()
    reactions.remove(found)
    return SandboxResponse(status=204)


def get_permission(call: SandboxRequest) -> SandboxResponse:
    """The legacy permission and the role. An unknown person is not found."""
    world, login = call.github.world, call.params["login"]
    if login not in world.users:
        raise GitHubError(404, f"{login} is not a user")
    role = call.repository.role_of(login)
    reached = [name for name, at in RANKS.items() if role != "none" and list(RANKS.values()).index(at) <= list(RANKS.values()).index(role)]
    user = people.user(call.links, world.users[login]) | {"permissions": {name: name in reached for name in RANKS}, "role_name": role}
    return SandboxResponse({"permission": LEGACY.get(role, role), "role_name": role, "user": user})


REPO = "/repos/{owner}/{repo}"
READ, WRITE = "issues:read", "issues:write"
ROUTES = (
    Route("GET", REPO + "/issues/comments/{comment}", get_issue_comment, READ),
    Route("PATCH", REPO + "/issues/comments/{comment}", update_issue_comment, WRITE),
    Route("DELETE", REPO + "/issues/comments/{comment}", delete_issue_comment, WRITE),
    Route("GET", REPO + "/issues/comments/{comment}/reactions", list_comment_reactions, READ),
    Route("POST", REPO + "/issues/comments/{comment}/reactions", react_to_comment, WRITE),
    Route("DELETE", REPO + "/issues/comments/{comment}/reactions/{reaction}", delete_reaction, WRITE),
    Route("GET", REPO + "/issues/{number}", get_issue, READ),
    Route("GET", REPO + "/issues/{number}/comments", list_issue_comments, READ),
    Route("POST", REPO + "/issues/{number}/comments", create_issue_comment, WRITE, creates=True),
    Route("GET", REPO + "/issues/{number}/reactions", list_issue_reactions, READ),
    Route("POST", REPO + "/issues/{number}/reactions", react_to_issue, WRITE),
    Route("DELETE", REPO + "/issues/{number}/reactions/{reaction}", delete_issue_reaction, WRITE),
    Route("GET", REPO + "/collaborators/{login}/permission", get_permission, "metadata:read"),
)
