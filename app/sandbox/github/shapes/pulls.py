"""Pull requests, reviews and comments on the diff."""

from app.sandbox.github.diffs import moved_line
from app.sandbox.github.entities import Json, PullRequest, Reaction, Review, ReviewComment
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.shapes.code import repository
from app.sandbox.github.shapes.links import REACTIONS, Links, node_id, when
from app.sandbox.github.shapes.people import user


def reactions(address: str, given: list[Reaction]) -> Json:
    """The roll-up of reactions."""
    counts = {name: sum(reaction.content == name for reaction in given) for name in REACTIONS}
    return {"url": f"{address}/reactions", "total_count": len(given), **counts}


def label(links: Links, repo: SandboxRepository, name: str) -> Json:
    number = sum(name.encode()) + 1
    return {
        "id": number,
        "node_id": node_id("Label", number),
        "url": f"{links.repo(repo.full_name)}/labels/{name}",
        "name": name,
        "description": "",
        "color": "ededed",
        "default": False,
    }


def _end(links: Links, repo: SandboxRepository, ref: str, sha: str) -> Json:
    return {
        "label": f"{repo.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(links, repo.owner),
        "repo": repository(links, repo),
    }


def pull_request(links: Links, repo: SandboxRepository, pull: PullRequest, *, full: bool = False) -> Json:
    """A pull request. `full` adds the counts that lists leave out."""
    issue, number = pull.issue, pull.number
    api, page = f"{links.repo(repo.full_name)}", f"{links.page(repo.full_name)}/pull/{number}"
    own, thread = f"{api}/pulls/{number}", f"{api}/issues/{number}"
    addresses = {
        "html_url": page,
        "issue_url": thread,
        "commits_url": f"{own}/commits",
        "review_comments_url": f"{own}/comments",
        "review_comment_url": f"{api}/pulls/comments{{/number}}",
        "comments_url": f"{thread}/comments",
        "statuses_url": f"{api}/statuses/{pull.head_sha}",
    }
    shape: Json = {
        "url": own,
        "id": pull.id,
        "node_id": node_id("PullRequest", pull.id),
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        **addresses,
        "number": number,
        "state": issue.state,
        "locked": issue.locked,
        "title": issue.title,
        "user": user(links, issue.author),
        "body": issue.body or None,
        "created_at": when(issue.created_at),
        "updated_at": when(issue.updated_at),
        "closed_at": when(issue.closed_at),
        "merged_at": when(pull.merged_at),
        "merge_commit_sha": repo.branches.get(pull.base_ref) if pull.merged_at else pull.head_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [label(links, repo, name) for name in issue.labels],
        "milestone": None,
        "draft": pull.draft,
        "head": _end(links, repo.world.repository(pull.head_repository), pull.head_ref, pull.head_sha),
        "base": _end(links, repo, pull.base_ref, pull.base_sha),
        "_links": {"self": {"href": own}} | {key.removesuffix("_url"): {"href": href} for key, href in addresses.items()},
        "author_association": repo.association(issue.author),
        "auto_merge": None,
        "active_lock_reason": None,
    }
    return shape | _details(links, repo, pull) if full else shape


def _details(links: Links, repo: SandboxRepository, pull: PullRequest) -> Json:
    changes = repo.diff(pull.base_sha, pull.head_sha)
    return {
        "merged": pull.merged_at is not None,
        "mergeable": True,
        "rebaseable": True,
        "mergeable_state": "clean",
        "merged_by": user(links, pull.merged_by) if pull.merged_by else None,
        "comments": len(pull.issue.comments),
        "review_comments": sum(len(review.comments) for review in pull.reviews if review.state != "PENDING"),
        "maintainer_can_modify": False,
        "commits": len(repo.commits_since(pull.base_sha, pull.head_sha)),
        "additions": sum(change.additions for change in changes),
        "deletions": sum(change.deletions for change in changes),
        "changed_files": len(changes),
    }


def review(links: Links, repo: SandboxRepository, pull: PullRequest, made: Review) -> Json:
    """A review. It has no submission time while it is pending."""
    page = f"{links.page(repo.full_name)}/pull/{pull.number}#pullrequestreview-{made.id}"
    own = f"{links.repo(repo.full_name)}/pulls/{pull.number}"
    shape: Json = {
        "id": made.id,
        "node_id": node_id("PullRequestReview", made.id),
        "user": user(links, made.author),
        "body": made.body,
        "state": made.state,
        "html_url": page,
        "pull_request_url": own,
        "author_association": repo.association(made.author),
        "_links": {"html": {"href": page}, "pull_request": {"href": own}},
        "commit_id": made.commit_sha,
    }
    if made.submitted_at:
        shape["submitted_at"] = when(made.submitted_at)
    return shape


def current_line(repo: SandboxRepository, pull: PullRequest, comment: ReviewComment, line: int | None) -> int | None:
    """The line of a comment in the newest diff. None if it is outdated."""
    if line is None or comment.commit_sha == pull.head_sha:
        return line
    change = next((each for each in repo.diff(pull.base_sha, pull.head_sha) if each.path == comment.path), None)
    if change is None:
        return None
    if comment.side == "RIGHT":
        old, new = repo.commits[comment.commit_sha].files, repo.commits[pull.head_sha].files
        line = moved_line(old.get(comment.path, b""), new.get(comment.path, b""), line)
    return line if line is not None and change.hunk_at(line, comment.side) else None


def review_comment(links: Links, repo: SandboxRepository, pull: PullRequest, made: ReviewComment) -> Json:
    """A comment on the diff, at its newest and its original place."""
    own = f"{links.repo(repo.full_name)}/pulls/comments/{made.id}"
    page = f"{links.page(repo.full_name)}/pull/{pull.number}#discussion_r{made.id}"
    whole = f"{links.repo(repo.full_name)}/pulls/{pull.number}"
    line = current_line(repo, pull, made, made.line)
    # GitHub counts positions from the hunk's header. The hunk kept here ends at the comment.
    position = max(made.diff_hunk.count("\n"), 1)
    shape: Json = {
        "url": own,
        "pull_request_review_id": made.review_id,
        "id": made.id,
        "node_id": node_id("PullRequestReviewComment", made.id),
        "diff_hunk": made.diff_hunk,
        "path": made.path,
        "commit_id": pull.head_sha if line is not None else made.commit_sha,
        "original_commit_id": made.commit_sha,
        "user": user(links, made.author),
        "body": made.body,
        "created_at": when(made.created_at),
        "updated_at": when(made.updated_at),
        "html_url": page,
        "pull_request_url": whole,
        "author_association": repo.association(made.author),
        "_links": {"self": {"href": own}, "html": {"href": page}, "pull_request": {"href": whole}},
        "reactions": reactions(own, made.reactions),
        "start_line": current_line(repo, pull, made, made.start_line) if line is not None else None,
        "original_start_line": made.start_line,
        "start_side": made.start_side,
        "line": line,
        "original_line": made.line,
        "side": made.side,
        "position": position if line is not None else None,
        "original_position": position,
        "subject_type": "line" if made.line is not None else "file",
    }
    if made.in_reply_to:
        shape["in_reply_to_id"] = made.in_reply_to
    return shape
