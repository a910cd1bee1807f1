"""The control routes that change the world: repositories, pull requests, conversations, jobs."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from app.sandbox.github import reviewing
from app.sandbox.github.entities import Json
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.shapes import issues, pulls, runs

if TYPE_CHECKING:
    from app.sandbox.server import Sandbox


@dataclass(frozen=True)
class ControlRequest:
    """One request to the control API."""

    sandbox: "Sandbox"
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Json

    @property
    def repository(self) -> SandboxRepository:
        return self.sandbox.world.repository(f"{self.params['owner']}/{self.params['repo']}")

    @property
    def number(self) -> int:
        return int(self.params["number"])

    def chosen(self, *names: str) -> dict[str, Any]:
        """The given ones of these fields of the body."""
        return {name: self.body[name] for name in names if name in self.body}


Door = tuple[str, str, Callable[[ControlRequest], Any]]


def files_of(given: Mapping[str, Any]) -> dict[str, str | bytes | None]:
    """File contents from JSON: text, {"base64": …} or null to delete."""
    return {path: base64.b64decode(each["base64"]) if isinstance(each, dict) else each for path, each in given.items()}


def create_repository(order: ControlRequest) -> Json:
    files = {path: content for path, content in files_of(order.body.get("files") or {}).items() if content is not None}
    repository = order.sandbox.world.create_repository(order.body["full_name"], files, private=bool(order.body.get("private")))
    installation = order.sandbox.world.installation_of(repository)
    return {
        "id": repository.id,
        "head_sha": repository.branches[repository.default_branch],
        "installation": installation.id if installation else None,
    }


def rename(order: ControlRequest) -> Json:
    order.sandbox.world.rename(order.repository.full_name, order.body["full_name"])
    return {}


def push_branch(order: ControlRequest) -> Json:
    branch = order.body.get("branch") or order.repository.default_branch
    return {"head_sha": order.repository.push_branch(branch, files_of(order.body["files"]), order.body.get("author") or "octo-dev")}


def add_collaborator(order: ControlRequest) -> Json:
    return {"id": order.repository.add_collaborator(order.params["login"], order.body.get("role", "write")).id}


def open_pull(order: ControlRequest) -> Json:
    options: Any = order.chosen("body", "base", "branch", "fork", "draft", "message")
    author = order.body.get("author") or "octo-dev"
    pull = order.repository.open_pull_request(order.body["title"], files_of(order.body["files"]), author, **options)
    return {"number": pull.number, "head_sha": pull.head_sha, "base_sha": pull.base_sha}


def push(order: ControlRequest) -> Json:
    given = order.body
    sha = order.repository.push(order.number, files_of(given["files"]), given.get("author") or "", given.get("message") or "")
    return {"head_sha": sha}


def close(order: ControlRequest) -> Json:
    order.repository.close(order.number, order.body.get("login") or "", merge=bool(order.body.get("merge")))
    return {}


def reopen(order: ControlRequest) -> Json:
    order.repository.reopen(order.number, order.body.get("login") or "")
    return {}


def ready(order: ControlRequest) -> Json:
    order.repository.mark_ready(order.number, bool(order.body.get("ready", True)))
    return {}


def edit(order: ControlRequest) -> Json:
    order.repository.edit(order.number, order.body.get("login") or "", **order.chosen("title", "body", "base"))
    return {}


def label(order: ControlRequest) -> Json:
    order.repository.label(order.number, order.body["name"], order.body.get("login") or "")
    return {}


def see_pull(order: ControlRequest) -> Json:
    """The current state of a pull request, pending reviews included, without lag."""
    repo, links = order.repository, order.sandbox.github.links
    pull = repo.pull(order.number)
    shas = set(repo.commits_since(pull.base_sha, pull.head_sha)) | {pull.head_sha}
    checks = [run for run in repo.check_runs.values() if run.head_sha in shas]
    return {
        "pull_request": pulls.pull_request(links, repo, pull, full=True),
        "comments": [issues.comment(links, repo, each) for each in pull.issue.comments],
        "reviews": [pulls.review(links, repo, pull, each) for each in pull.reviews],
        "review_comments": [pulls.review_comment(links, repo, pull, each) for review in pull.reviews for each in review.comments],
        "check_runs": [
            runs.check_run(links, repo, check) | {"annotations": check.annotations, "actions": check.actions} for check in checks
        ],
    }


def open_issue(order: ControlRequest) -> Json:
    issue = order.repository.open_issue(order.body["title"], order.body.get("body") or "", order.body.get("author") or "octo-dev")
    return {"number": issue.number}


def see_issue(order: ControlRequest) -> Json:
    repo, links = order.repository, order.sandbox.github.links
    issue = repo.issue(order.number)
    return {"issue": issues.issue(links, repo, issue), "comments": [issues.comment(links, repo, each) for each in issue.comments]}


def comment(order: ControlRequest) -> Json:
    return {"id": order.repository.comment(order.number, order.body["login"], order.body["body"]).id}


def edit_comment(order: ControlRequest) -> Json:
    order.repository.edit_comment(order.number, order.body["body"], order.body.get("login") or "")
    return {}


def delete_comment(order: ControlRequest) -> Json:
    order.repository.delete_comment(order.number, order.body.get("login") or "")
    return {}


def react(order: ControlRequest) -> Json:
    """React to a comment of the conversation or of the diff."""
    repo = order.repository
    found = next((each for issue in repo.issues.values() for each in issue.comments if each.id == order.number), None)
    reactions = found.reactions if found else reviewing.comment_of(repo, order.number, order.sandbox.world.app.bot)[1].reactions
    reaction, new = repo.react(reactions, order.body["login"], order.body["content"])
    return {"id": reaction.id, "new": new}


def reply(order: ControlRequest) -> Json:
    repo, author = order.repository, order.sandbox.world.user(order.body["login"])
    pull, root = reviewing.comment_of(repo, order.number, author)
    return {"id": reviewing.reply(repo, pull, root.in_reply_to or root.id, author, order.body["body"]).id}


def add_job(order: ControlRequest) -> Json:
    options: Any = order.chosen("workflow", "conclusion", "steps", "annotations")
    job = order.repository.add_failing_job(order.body["sha"], order.body["name"], order.body["log"], **options)
    return {"id": job.id, "run_id": job.run_id}


def rerequest(order: ControlRequest) -> Json:
    """Press the re-run button, or one of the App's own."""
    login, action = order.body.get("login") or "octo-dev", order.body.get("action")
    if action:
        order.repository.press(order.number, action, login)
    else:
        order.repository.rerequest(order.number, login)
    return {}


def installation(order: ControlRequest) -> Json:
    """Suspend, resume, narrow or remove an installation, or change what it grants."""
    world, action = order.sandbox.world, order.body["action"]
    if action == "select":
        world.select(order.number, set(order.body["repositories"]))
    elif action == "permit":
        world.permit(order.number, **order.body["permissions"])
    elif action == "delete":
        world.uninstall(order.number)
    elif action in ("suspend", "unsuspend"):
        world.suspend(order.number, action == "suspend")
    else:
        raise ValueError(f"unknown action: {action}")
    return {}


def see_users(order: ControlRequest) -> list[Json]:
    return [asdict(user) for user in order.sandbox.world.users.values()]


REPO = "/repositories/{owner}/{repo}"
DOORS: tuple[Door, ...] = (
    ("POST", "/repositories", create_repository),
    ("POST", REPO + "/push", push_branch),
    ("POST", REPO + "/rename", rename),
    ("PUT", REPO + "/collaborators/{login}", add_collaborator),
    ("POST", REPO + "/pulls", open_pull),
    ("GET", REPO + "/pulls/{number}", see_pull),
    ("POST", REPO + "/pulls/{number}/push", push),
    ("POST", REPO + "/pulls/{number}/ready", ready),
    ("POST", REPO + "/issues", open_issue),
    ("GET", REPO + "/issues/{number}", see_issue),
    ("POST", REPO + "/issues/{number}/close", close),
    ("POST", REPO + "/issues/{number}/reopen", reopen),
    ("POST", REPO + "/issues/{number}/edit", edit),
    ("POST", REPO + "/issues/{number}/labels", label),
    ("POST", REPO + "/issues/{number}/comments", comment),
    ("PATCH", REPO + "/comments/{number}", edit_comment),
    ("DELETE", REPO + "/comments/{number}", delete_comment),
    ("POST", REPO + "/comments/{number}/reactions", react),
    ("POST", REPO + "/comments/{number}/replies", reply),
    ("POST", REPO + "/jobs", add_job),
    ("POST", REPO + "/checks/{number}/rerequest", rerequest),
    ("POST", "/installations/{number}", installation),
    ("GET", "/users", see_users),
)
