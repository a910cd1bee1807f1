"""Routes that read pull requests: lists, diffs, files, commits."""

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.exchange import Route, SandboxRequest, SandboxResponse
from app.sandbox.github.refusal import GitHubError
from app.sandbox.github.shapes import code, pulls

DIFF_FILES = 300
DIFF_LINES = 20_000
LISTED_FILES = 3_000
TEXT = "text/plain; charset=utf-8"


def list_pulls(call: SandboxRequest) -> SandboxResponse:
    """Pull requests by state, head and base."""
    repo = call.repository
    state, head, base = call.query.get("state", "open"), call.query.get("head"), call.query.get("base")
    chosen = [
        pull
        for pull in repo.pulls.values()
        if state in ("all", pull.issue.state)
        and (base is None or pull.base_ref == base)
        and (head is None or head == f"{pull.head_repository.partition('/')[0]}:{pull.head_ref}")
    ]
    sort = call.query.get("sort", "created")
    downwards = call.query.get("direction", "desc" if sort == "created" else "asc") == "desc"
    chosen.sort(key=_sorting(sort), reverse=downwards)
    return call.page(chosen, lambda pull: pulls.pull_request(call.links, repo, pull))


def _sorting(sort: str):  # type: ignore[no-untyped-def]
    if sort == "updated":
        return lambda pull: pull.issue.updated_at
    if sort == "popularity":
        return lambda pull: len(pull.issue.comments)
    return lambda pull: pull.number


def get_pull(call: SandboxRequest) -> SandboxResponse:
    """A pull request, or its diff for that media type."""
    repo, pull = call.repository, call.pull
    if "diff" in call.accept:
        return SandboxResponse(_diff(call, pull), media="application/vnd.github.diff; charset=utf-8")
    return SandboxResponse(pulls.pull_request(call.links, repo, pull, full=True))


def _diff(call: SandboxRequest, pull: PullRequest) -> str:
    changes = call.repository.diff(pull.base_sha, pull.head_sha)
    if len(changes) > DIFF_FILES:
        raise _too_large(
            f"Sorry, the diff exceeded the maximum number of files ({DIFF_FILES}). Consider using 'List pull requests files' API."
        )
    if sum(len(hunk.lines) for change in changes for hunk in change.hunks) > DIFF_LINES:
        raise _too_large(f"Sorry, the diff exceeded the maximum number of lines ({DIFF_LINES})")
    return "".join(change.unified for change in changes)


def _too_large(message: str) -> GitHubError:
    return GitHubError(406, message, [{"resource": "PullRequest", "field": "diff", "code": "too_large"}])


def list_files(call: SandboxRequest) -> SandboxResponse:
    repo, pull = call.repository, call.pull
    changes = repo.diff(pull.base_sha, pull.head_sha)[:LISTED_FILES]
    return call.page(changes, lambda change: code.diff_entry(call.links, repo, pull.head_sha, change))


def list_commits(call: SandboxRequest) -> SandboxResponse:
    repo, pull = call.repository, call.pull
    # GitHub lists at most 250 commits here.
    shas = repo.commits_since(pull.base_sha, pull.head_sha)[:250]
    return call.page(shas, lambda sha: code.commit(call.links, repo, repo.commits[sha]))


PULL = "/repos/{owner}/{repo}/pulls"
ROUTES = (
    Route("GET", PULL, list_pulls, "pull_requests:read"),
    Route("GET", PULL + "/{number}", get_pull, "pull_requests:read"),
    Route("GET", PULL + "/{number}/files", list_files, "pull_requests:read"),
    Route("GET", PULL + "/{number}/commits", list_commits, "pull_requests:read"),
)
