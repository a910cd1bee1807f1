"""Repositories, commits, files and comparisons."""

import base64

from app.sandbox.github.diffs import FileChange
from app.sandbox.github.entities import Json
from app.sandbox.github.git import GitCommit, GitTreeEntry
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.shapes.links import Links, node_id, when
from app.sandbox.github.shapes.people import user

# Each key's address is the repository's own plus this.
ADDRESSES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
COUNTS = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size")


def minimal_repository(links: Links, repo: SandboxRepository) -> Json:
    """A repository in the short form of workflow runs: its identity and its addresses."""
    api = links.repo(repo.full_name)
    return {
        "id": repo.id,
        "node_id": node_id("Repository", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "owner": user(links, repo.owner),
        "html_url": links.page(repo.full_name),
        "description": None,
        "fork": repo.parent is not None,
        "url": api,
        **{key: api + rest for key, rest in ADDRESSES.items()},
    }


def repository(links: Links, repo: SandboxRepository, *, full: bool = False) -> Json:
    """A repository. `full` adds the fields that only its own address returns."""
    page = links.page(repo.full_name)
    host = links.web.split("://", 1)[1]
    tip = repo.commits.get(repo.branches.get(repo.default_branch, ""))
    shape: Json = {
        **minimal_repository(links, repo),
        "git_url": f"git://{host}/{repo.full_name}.git",
        "ssh_url": f"git@{host}:{repo.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        **dict.fromkeys(COUNTS, 0),
        **{
            f"has_{literal}": literal in ("issues", "downloads")
            for literal in ("issues", "projects", "wiki", "pages", "downloads", "discussions")
        },
        "open_issues": sum(issue.state == "open" for issue in repo.issues.values()),
        "open_issues_count": sum(issue.state == "open" for issue in repo.issues.values()),
        "default_branch": repo.default_branch,
        "archived": False,
        "disabled": False,
        "visibility": "private" if repo.private else "public",
        "license": None,
        "topics": [],
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "created_at": when(repo.created_at),
        "updated_at": when(repo.created_at),
        "pushed_at": when(tip.at if tip else repo.created_at),
    }
    if full:
        shape |= {"network_count": 0, "subscribers_count": 0, "permissions": {"admin": False, "push": False, "pull": False}}
    return shape


SMALL = ("id", "node_id", "name", "full_name", "private", "owner", "html_url", "description", "fork", "url", *ADDRESSES)


def commit(links: Links, repo: SandboxRepository, made: GitCommit, changes: list[FileChange] | None = None) -> Json:
    """A commit. It has its files only in answers about a single commit."""
    api = links.repo(repo.full_name)
    who = {"name": made.author, "email": f"{made.author}@users.noreply.github.com", "date": when(made.at)}
    author = user(links, repo.world.user(made.author))
    shape: Json = {
        "sha": made.sha,
        "node_id": node_id("Commit", int(made.sha[:8], 16)),
        "url": f"{api}/commits/{made.sha}",
        "html_url": f"{links.page(repo.full_name)}/commit/{made.sha}",
        "comments_url": f"{api}/commits/{made.sha}/comments",
        "commit": {
            "url": f"{api}/git/commits/{made.sha}",
            "author": who,
            "committer": who,
            "message": made.message,
            "comment_count": 0,
            "tree": {"sha": made.tree, "url": f"{api}/git/trees/{made.tree}"},
            "verification": {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None},
        },
        "author": author,
        "committer": author,
        "parents": [
            {"sha": sha, "url": f"{api}/commits/{sha}", "html_url": f"{links.page(repo.full_name)}/commit/{sha}"} for sha in made.parents
        ],
    }
    if changes is not None:
        added, gone = sum(change.additions for change in changes), sum(change.deletions for change in changes)
        shape["stats"] = {"total": added + gone, "additions": added, "deletions": gone}
        shape["files"] = [diff_entry(links, repo, made.sha, change) for change in changes]
    return shape


def simple_commit(made: GitCommit) -> Json:
    """A commit in the short form of workflow runs and check suites."""
    who = {"name": made.author, "email": f"{made.author}@users.noreply.github.com"}
    return {"id": made.sha, "tree_id": made.tree, "message": made.message, "timestamp": when(made.at), "author": who, "committer": who}


def diff_entry(links: Links, repo: SandboxRepository, sha: str, change: FileChange) -> Json:
    """One file of a diff."""
    page, api = links.page(repo.full_name), links.repo(repo.full_name)
    shape: Json = {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{page}/blob/{sha}/{change.path}",
        "raw_url": f"{page}/raw/{sha}/{change.path}",
        "contents_url": f"{api}/contents/{change.path}?ref={sha}",
    }
    if change.previous_path:
        shape["previous_filename"] = change.previous_path
    if change.patch is not None:
        shape["patch"] = change.patch
    return shape


def content(links: Links, repo: SandboxRepository, ref: str, entry: GitTreeEntry, data: bytes | None = None) -> Json:
    """A file or folder of a tree. It has its content only in answers about a single file."""
    api, page = links.repo(repo.full_name), links.page(repo.full_name)
    kind = "file" if entry.kind == "blob" else "dir"
    own = f"{api}/contents/{entry.path}?ref={ref}"
    git_url = f"{api}/git/{entry.kind}s/{entry.sha}"
    html = f"{page}/{entry.kind}/{ref}/{entry.path}"
    shape: Json = {
        "type": kind,
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": own,
        "git_url": git_url,
        "html_url": html,
        "download_url": f"{page}/raw/{ref}/{entry.path}" if kind == "file" else None,
        "_links": {"self": own, "git": git_url, "html": html},
    }
    if data is not None:
        # Above 1 MB GitHub answers an empty content with encoding "none".
        large = len(data) > 1_000_000
        shape |= {"encoding": "none" if large else "base64", "content": "" if large else base64.encodebytes(data).decode()}
    return shape
