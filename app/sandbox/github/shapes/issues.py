"""Issues, their comments and reactions."""

from app.sandbox.github.entities import Comment, Issue, Json, Reaction
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.shapes.links import Links, node_id, when
from app.sandbox.github.shapes.people import app, user
from app.sandbox.github.shapes.pulls import label, reactions


def issue(links: Links, repo: SandboxRepository, made: Issue) -> Json:
    """An issue. A pull request is marked as such."""
    own = f"{links.repo(repo.full_name)}/issues/{made.number}"
    pull = repo.pulls.get(made.number)
    page = f"{links.page(repo.full_name)}/{'pull' if pull else 'issues'}/{made.number}"
    shape: Json = {
        "url": own,
        "repository_url": links.repo(repo.full_name),
        "labels_url": f"{own}/labels{{/name}}",
        "comments_url": f"{own}/comments",
        "events_url": f"{own}/events",
        "html_url": page,
        "id": made.id,
        "node_id": node_id("Issue", made.id),
        "number": made.number,
        "title": made.title,
        "user": user(links, made.author),
        "labels": [label(links, repo, name) for name in made.labels],
        "state": made.state,
        "state_reason": "completed" if made.state == "closed" and not pull else None,
        "locked": made.locked,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(made.comments),
        "created_at": when(made.created_at),
        "updated_at": when(made.updated_at),
        "closed_at": when(made.closed_at),
        "author_association": repo.association(made.author),
        "active_lock_reason": None,
        "body": made.body or None,
        "reactions": reactions(own, made.reactions),
        "timeline_url": f"{own}/timeline",
        "performed_via_github_app": None,
    }
    if pull:
        api = f"{links.repo(repo.full_name)}/pulls/{made.number}"
        addresses = {"url": api, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
        shape |= {"draft": pull.draft, "pull_request": {**addresses, "merged_at": when(pull.merged_at)}}
    return shape


def comment(links: Links, repo: SandboxRepository, made: Comment) -> Json:
    """A comment of a conversation."""
    own = f"{links.repo(repo.full_name)}/issues/comments/{made.id}"
    kind = "pull" if made.number in repo.pulls else "issues"
    world = repo.world
    return {
        "url": own,
        "html_url": f"{links.page(repo.full_name)}/{kind}/{made.number}#issuecomment-{made.id}",
        "issue_url": f"{links.repo(repo.full_name)}/issues/{made.number}",
        "id": made.id,
        "node_id": node_id("IssueComment", made.id),
        "user": user(links, made.author),
        "created_at": when(made.created_at),
        "updated_at": when(made.updated_at),
        "author_association": repo.association(made.author),
        "body": made.body,
        "reactions": reactions(own, made.reactions),
        "performed_via_github_app": app(links, world.app) if made.author == world.app.bot else None,
    }


def reaction(links: Links, made: Reaction) -> Json:
    return {
        "id": made.id,
        "node_id": node_id("Reaction", made.id),
        "user": user(links, made.author),
        "content": made.content,
        "created_at": when(made.at),
    }
