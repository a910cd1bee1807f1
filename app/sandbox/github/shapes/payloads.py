"""The webhook payload of each event."""

from app.sandbox.github.entities import Json, MergeGroup, Status, WorldEvent
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.shapes import code, issues, people, pulls, runs
from app.sandbox.github.shapes.links import Links, node_id
from app.sandbox.github.world import World


def payload(links: Links, world: World, happening: WorldEvent) -> Json:
    """The JSON of a delivery."""
    shape: Json = {"action": happening.action} if happening.action else {}
    if happening.repository:
        repo = world.repositories[happening.repository]
        shape |= _subject(links, repo, happening)
        shape["repository"] = code.repository(links, repo)
        if happening.installation:
            shape["installation"] = {"id": happening.installation, "node_id": node_id("Installation", happening.installation)}
        if repo.owner.type == "Organization":
            shape["organization"] = organization(links, repo)
    else:
        shape |= _installation(links, world, happening)
    return shape | {"sender": people.user(links, happening.sender)}


def organization(links: Links, repo: SandboxRepository) -> Json:
    """The owner, in payloads of organizations."""
    owner, api = repo.owner, f"{links.api}/orgs/{repo.owner.login}"
    rest = {f"{key}_url": f"{api}/{key}" for key in ("repos", "events", "hooks", "issues")}
    return {
        "login": owner.login,
        "id": owner.id,
        "node_id": node_id("Organization", owner.id),
        "url": api,
        **rest,
        "members_url": f"{api}/members{{/member}}",
        "public_members_url": f"{api}/public_members{{/member}}",
        "avatar_url": f"{links.web}/avatars/{owner.id}",
        "description": "",
    }


def _subject(links: Links, repo: SandboxRepository, happening: WorldEvent) -> Json:
    about: Json = dict(happening.about)
    shape: Json = {}
    pull, comment = about.get("pull"), about.get("comment")
    if pull is not None:
        shape["pull_request"] = pulls.pull_request(links, repo, pull, full=happening.event == "pull_request")
        if happening.event == "pull_request":
            shape["number"] = pull.number
    if "issue" in about:
        shape["issue"] = issues.issue(links, repo, about["issue"])
    if comment is not None and pull is not None:
        shape["comment"] = pulls.review_comment(links, repo, pull, comment)
    elif comment is not None:
        shape["comment"] = issues.comment(links, repo, comment)
    if "review" in about and pull is not None:
        review = about["review"]
        shape["review"] = pulls.review(links, repo, about["pull"], review) | {"state": review.state.lower(), "body": review.body or None}
    if "thread" in about and pull is not None:
        root = about["thread"][0]
        shape["thread"] = {
            "comments": [pulls.review_comment(links, repo, pull, each) for each in about["thread"]],
            "node_id": node_id("PullRequestReviewThread", root.id),
        }
    if "label" in about:
        shape["label"] = pulls.label(links, repo, about["label"])
    shape |= _ci(links, repo, about)
    return shape | {key: about[key] for key in ("changes", "before", "after", "requested_action") if key in about}


def _ci(links: Links, repo: SandboxRepository, about: Json) -> Json:
    shape: Json = {}
    if "check_run" in about:
        run = about["check_run"]
        shape["check_run"] = runs.check_run(links, repo, run)
        shape["check_run"]["check_suite"] = runs.check_suite(links, repo, run)
    if "check_suite" in about:
        shape["check_suite"] = runs.whole_check_suite(links, repo, about["check_suite"])
    if "merge_group" in about:
        shape["merge_group"] = _merge_group(repo, about["merge_group"])
    if "workflow_run" in about:
        shape["workflow_run"] = runs.workflow_run(links, repo, about["workflow_run"])
        shape["workflow"] = _workflow(links, repo, shape["workflow_run"])
    if "status" in about:
        shape |= _status(links, repo, about["status"])
    return shape


def _merge_group(repo: SandboxRepository, group: MergeGroup) -> Json:
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group"""
    ends = {key: getattr(group, key) for key in ("head_sha", "head_ref", "base_sha", "base_ref")}
    return ends | {"head_commit": code.simple_commit(repo.commits[group.head_sha])}


def _status(links: Links, repo: SandboxRepository, made: Status) -> Json:
    """A status event has no action. Its fields are at the top level."""
    shape = runs.status(links, repo, made)
    kept = ("id", "avatar_url", "state", "description", "target_url", "context", "created_at", "updated_at")
    branches = [
        {"name": name, "commit": {"sha": sha, "url": f"{links.repo(repo.full_name)}/commits/{sha}"}, "protected": False}
        for name, sha in repo.branches.items()
        if sha == made.sha
    ]
    commit = code.commit(links, repo, repo.commits[made.sha])
    return {key: shape[key] for key in kept} | {"sha": made.sha, "name": repo.full_name, "commit": commit, "branches": branches}


def _workflow(links: Links, repo: SandboxRepository, run: Json) -> Json:
    return {
        "id": run["workflow_id"],
        "node_id": node_id("Workflow", run["workflow_id"]),
        "name": run["name"],
        "path": run["path"],
        "state": "active",
        "created_at": run["created_at"],
        "updated_at": run["updated_at"],
        "url": run["workflow_url"],
        "html_url": f"{links.page(repo.full_name)}/blob/{repo.default_branch}/{run['path']}",
        "badge_url": f"{links.page(repo.full_name)}/workflows/{run['name']}/badge.svg",
    }


def _installation(links: Links, world: World, happening: WorldEvent) -> Json:
    if "installation" not in happening.about:
        return {}
    shape = people.installation(links, world.app, happening.about["installation"])
    seen = [
        {"id": each.id, "node_id": node_id("Repository", each.id), "name": each.name, "full_name": each.full_name, "private": each.private}
        for each in happening.about["repositories"]
    ]
    if happening.event == "installation":
        return {"installation": shape, "repositories": seen}
    lists = {f"repositories_{word}": seen if happening.action == word else [] for word in ("added", "removed")}
    return {"installation": shape, "repository_selection": shape["repository_selection"], **lists, "requester": None}
