"""Routes that read code: repositories, contents, trees, blobs, commits, comparisons."""

import base64

from app.sandbox.github.entities import Json
from app.sandbox.github.exchange import Route, SandboxRequest, SandboxResponse
from app.sandbox.github.git import GitCommit, ancestry, blob_sha, merge_base, tree_entries
from app.sandbox.github.refusal import not_found
from app.sandbox.github.shapes import code

TREE_LIMIT = 100_000


def get_repository(call: SandboxRequest) -> SandboxResponse:
    return SandboxResponse(code.repository(call.links, call.repository, full=True))


def get_contents(call: SandboxRequest) -> SandboxResponse:
    """A file, its raw bytes, or a folder's listing."""
    repo, ref = call.repository, call.query.get("ref") or call.repository.default_branch
    files, path = repo.resolve(ref).files, call.params["path"].strip("/")
    folder, _, _ = path.rpartition("/")
    if path in files:
        if "raw" in call.accept:
            return SandboxResponse(files[path], media="application/vnd.github.raw+json; charset=utf-8")
        entry = next(each for each in tree_entries(files, folder) if each.path == path)
        return SandboxResponse(code.content(call.links, repo, ref, entry, files[path]))
    entries = tree_entries(files, path)
    if not entries:
        raise not_found()
    listed = [code.content(call.links, repo, ref, each) for each in entries]
    if "object" in call.accept:
        own = next((each for each in tree_entries(files, folder) if each.path == path), None)
        shape = code.content(call.links, repo, ref, own) if own else {"type": "dir", "path": "", "name": ""}
        return SandboxResponse(shape | {"entries": listed})
    return SandboxResponse(listed)


def get_tree(call: SandboxRequest) -> SandboxResponse:
    """A commit's tree, whole or one level."""
    repo = call.repository
    wanted = call.params["sha"]
    commit = next((each for each in repo.commits.values() if each.tree == wanted), None) or repo.resolve(wanted)
    folders, entries = [""], []
    while folders:
        for entry in tree_entries(commit.files, folders.pop(0)):
            entries.append(entry)
            if entry.kind == "tree" and "recursive" in call.query:
                folders.append(entry.path)
    api = call.links.repo(repo.full_name)
    listed = [
        {
            "path": each.path,
            "mode": "100644" if each.kind == "blob" else "040000",
            "type": each.kind,
            "sha": each.sha,
            "url": f"{api}/git/{each.kind}s/{each.sha}",
        }
        | ({"size": each.size} if each.size is not None else {})
        for each in sorted(entries, key=lambda each: each.path)
    ]
    cut = len(listed) > TREE_LIMIT
    return SandboxResponse({"sha": commit.tree, "url": f"{api}/git/trees/{commit.tree}", "tree": listed[:TREE_LIMIT], "truncated": cut})


def get_blob(call: SandboxRequest) -> SandboxResponse:
    """A blob by its id, wherever it is."""
    repo, wanted = call.repository, call.params["sha"]
    data = next((file for commit in repo.commits.values() for file in commit.files.values() if blob_sha(file) == wanted), None)
    if data is None:
        raise not_found()
    if "raw" in call.accept:
        return SandboxResponse(data, media="application/vnd.github.raw+json; charset=utf-8")
    return SandboxResponse(
        {
            "sha": wanted,
            "node_id": wanted[:20],
            "size": len(data),
            "url": f"{call.links.repo(repo.full_name)}/git/blobs/{wanted}",
            "content": base64.encodebytes(data).decode(),
            "encoding": "base64",
        }
    )


def get_commit(call: SandboxRequest) -> SandboxResponse:
    repo = call.repository
    commit = repo.resolve(call.params["ref"])
    changes = repo.diff(commit.parents[0], commit.sha) if commit.parents else []
    if "diff" in call.accept:
        return SandboxResponse("".join(change.unified for change in changes), media="application/vnd.github.diff; charset=utf-8")
    return SandboxResponse(code.commit(call.links, repo, commit, changes))


def list_commits(call: SandboxRequest) -> SandboxResponse:
    """A commit and its ancestors, newest first."""
    repo = call.repository
    commits = ancestry(repo.commits, repo.resolve(call.query.get("sha") or repo.default_branch).sha)
    return call.page(commits, lambda each: code.commit(call.links, repo, each))


def compare_commits(call: SandboxRequest) -> SandboxResponse:
    """`base...head`: commits and at most 300 files."""
    repo = call.repository
    left, _, right = call.params["basehead"].partition("...")
    base, head = repo.resolve(_ref(left)), repo.resolve(_ref(right))
    merged = merge_base(repo.commits, head.sha, base.sha)
    if merged is None:
        raise not_found()
    behind = {commit.sha for commit in ancestry(repo.commits, merged)}
    ahead = [commit for commit in reversed(ancestry(repo.commits, head.sha)) if commit.sha not in behind]
    missing = [commit for commit in ancestry(repo.commits, base.sha) if commit.sha not in behind]
    changes = repo.diff(base.sha, head.sha)
    if "diff" in call.accept:
        return SandboxResponse("".join(change.unified for change in changes), media="application/vnd.github.diff; charset=utf-8")
    status = "diverged" if ahead and missing else "ahead" if ahead else "behind" if missing else "identical"
    page, api = call.links.page(repo.full_name), call.links.repo(repo.full_name)
    body = {
        "url": f"{api}/compare/{left}...{right}",
        "html_url": f"{page}/compare/{left}...{right}",
        "permalink_url": f"{page}/compare/{base.sha[:12]}...{head.sha[:12]}",
        "diff_url": f"{page}/compare/{left}...{right}.diff",
        "patch_url": f"{page}/compare/{left}...{right}.patch",
        "base_commit": code.commit(call.links, repo, base),
        "merge_base_commit": code.commit(call.links, repo, repo.commits[merged]),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": len(missing),
        "total_commits": len(ahead),
    }
    return _compared(call, body, ahead, [code.diff_entry(call.links, repo, head.sha, change) for change in changes[:300]])


def _compared(call: SandboxRequest, body: Json, ahead: list[GitCommit], files: list[Json]) -> SandboxResponse:
    """Its commits in pages, the files only on the first page. Without a page, the newest 250 commits.

    https://docs.github.com/en/rest/commits/commits#compare-two-commits
    """

    def shape(commit: GitCommit) -> Json:
        return code.commit(call.links, call.repository, commit)

    if not {"page", "per_page"} & set(call.query):
        return SandboxResponse(body | {"commits": [shape(each) for each in ahead[-250:]], "files": files})
    page = call.page(ahead, shape)
    first = call.query.get("page") in (None, "", "0", "1")
    return SandboxResponse(body | {"commits": page.body} | ({"files": files} if first else {}), headers=page.headers)


def _ref(name: str) -> str:
    """`owner:branch` names a fork's branch. Forks share their commits here."""
    return name.rpartition(":")[2]


REPO = "/repos/{owner}/{repo}"
ROUTES = (
    Route("GET", REPO, get_repository, "metadata:read"),
    Route("GET", REPO + "/contents/{path*}", get_contents, "contents:read"),
    Route("GET", REPO + "/git/trees/{sha}", get_tree, "contents:read"),
    Route("GET", REPO + "/git/blobs/{sha}", get_blob, "contents:read"),
    Route("GET", REPO + "/commits", list_commits, "contents:read"),
    Route("GET", REPO + "/commits/{ref}", get_commit, "contents:read"),
    Route("GET", REPO + "/compare/{basehead*}", compare_commits, "contents:read"),
)
