"""Check runs, commit statuses, workflow runs and their jobs."""

import zlib

from app.sandbox.github.entities import CheckRun, Job, Json, Status, WorkflowRun
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.shapes.code import minimal_repository, simple_commit
from app.sandbox.github.shapes.links import Links, node_id, when
from app.sandbox.github.shapes.people import actions_app, app, user


def pulls_of(links: Links, repo: SandboxRepository, sha: str) -> list[Json]:
    """The pull requests of a head. As on GitHub, those from forks are left out."""
    found = []
    for pull in repo.pulls.values():
        if pull.head_sha == sha and pull.head_repository == repo.full_name:
            own = {"id": repo.id, "url": links.repo(repo.full_name), "name": repo.name}
            found.append(
                {
                    "url": f"{links.repo(repo.full_name)}/pulls/{pull.number}",
                    "id": pull.id,
                    "number": pull.number,
                    "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": own},
                    "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": own},
                }
            )
    return found


def check_run(links: Links, repo: SandboxRepository, run: CheckRun) -> Json:
    """A check run with the head of its output."""
    own = f"{links.repo(repo.full_name)}/check-runs/{run.id}"
    page = f"{links.page(repo.full_name)}/runs/{run.id}"
    registered = repo.world.app
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CheckRun", run.id),
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": own,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": when(run.started_at),
        "completed_at": when(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{own}/annotations",
        },
        "check_suite": {"id": run.suite_id},
        "app": app(links, registered) if run.app_slug == registered.slug else actions_app(links, registered),
        "pull_requests": pulls_of(links, repo, run.head_sha),
    }


def check_suite(links: Links, repo: SandboxRepository, run: CheckRun) -> Json:
    """The suite of a check run, as webhooks carry it."""
    own = f"{links.repo(repo.full_name)}/check-suites/{run.suite_id}"
    commit = repo.commits[run.head_sha]
    return {
        "id": run.suite_id,
        "node_id": node_id("CheckSuite", run.suite_id),
        "head_branch": next((name for name, sha in repo.branches.items() if sha == run.head_sha), None),
        "head_sha": run.head_sha,
        "status": run.status,
        "conclusion": run.conclusion,
        "url": own,
        "before": commit.parents[0] if commit.parents else None,
        "after": run.head_sha,
        "pull_requests": pulls_of(links, repo, run.head_sha),
        "app": app(links, repo.world.app),
        "created_at": when(run.started_at or commit.at),
        "updated_at": when(run.completed_at or run.started_at or commit.at),
    }


def whole_check_suite(links: Links, repo: SandboxRepository, run: CheckRun) -> Json:
    """The suite in its own webhook: with its commit, and its number of check runs."""
    suite = check_suite(links, repo, run)
    count = sum(other.suite_id == run.suite_id for other in repo.check_runs.values())
    return suite | {
        "head_commit": simple_commit(repo.commits[run.head_sha]),
        "latest_check_runs_count": count,
        "check_runs_url": f"{suite['url']}/check-runs",
    }


def annotation(links: Links, repo: SandboxRepository, run: CheckRun, given: Json) -> Json:
    keys = ("path", "start_line", "end_line", "start_column", "end_column", "annotation_level", "title", "message", "raw_details")
    return {key: given.get(key) for key in keys} | {
        "blob_href": f"{links.repo(repo.full_name)}/contents/{given['path']}?ref={run.head_sha}"
    }


def workflow_id(name: str) -> int:
    """A workflow's id, the same for all its runs."""
    return zlib.crc32(name.encode()) % 1_000_000 + 1


def workflow_run(links: Links, repo: SandboxRepository, run: WorkflowRun) -> Json:
    """A run of GitHub Actions."""
    api = links.repo(repo.full_name)
    own = f"{api}/actions/runs/{run.id}"
    pull = next((each for each in repo.pulls.values() if each.head_sha == run.head_sha), None)
    origin = repo.world.repository(pull.head_repository) if pull else repo
    path = f".github/workflows/{run.name.lower().replace(' ', '-')}.yml"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("WorkflowRun", run.id),
        "head_branch": run.head_branch,
        "head_sha": run.head_sha,
        "path": path,
        "display_title": repo.commits[run.head_sha].message.split("\n", 1)[0],
        "run_number": run.number,
        "run_attempt": 1,
        "event": "pull_request" if pull else "push",
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": workflow_id(run.name),
        "check_suite_id": run.suite_id,
        "check_suite_node_id": node_id("CheckSuite", run.suite_id),
        "url": own,
        "html_url": f"{links.page(repo.full_name)}/actions/runs/{run.id}",
        "pull_requests": pulls_of(links, repo, run.head_sha),
        "created_at": when(run.created_at),
        "updated_at": when(run.created_at),
        "run_started_at": when(run.created_at),
        "actor": user(links, run.actor),
        "triggering_actor": user(links, run.actor),
        "jobs_url": f"{own}/jobs",
        "logs_url": f"{own}/logs",
        "check_suite_url": f"{api}/check-suites/{run.suite_id}",
        "artifacts_url": f"{own}/artifacts",
        "cancel_url": f"{own}/cancel",
        "rerun_url": f"{own}/rerun",
        "previous_attempt_url": None,
        "workflow_url": f"{api}/actions/workflows/{workflow_id(run.name)}",
        "head_commit": simple_commit(repo.commits[run.head_sha]),
        "repository": minimal_repository(links, repo),
        "head_repository": minimal_repository(links, origin),
    }


def job(links: Links, repo: SandboxRepository, made: Job, workflow: str) -> Json:
    """A job of a workflow run."""
    api, page = links.repo(repo.full_name), links.page(repo.full_name)
    started = when(made.started_at)
    steps = [
        {"name": name, "status": "completed", "conclusion": result, "number": number, "started_at": started, "completed_at": started}
        for number, (name, result) in enumerate(made.steps, 1)
    ]
    return {
        "id": made.id,
        "run_id": made.run_id,
        "run_url": f"{api}/actions/runs/{made.run_id}",
        "run_attempt": 1,
        "node_id": node_id("Job", made.id),
        "head_sha": made.head_sha,
        "head_branch": made.head_branch,
        "url": f"{api}/actions/jobs/{made.id}",
        "html_url": f"{page}/actions/runs/{made.run_id}/job/{made.id}",
        "status": "completed",
        "conclusion": made.conclusion,
        "created_at": started,
        "started_at": started,
        "completed_at": started,
        "name": made.name,
        "steps": steps,
        "check_run_url": f"{api}/check-runs/{made.check_run_id}",
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "GitHub Actions 1",
        "runner_group_id": 1,
        "runner_group_name": "GitHub Actions",
        "workflow_name": workflow,
    }


def status(links: Links, repo: SandboxRepository, made: Status) -> Json:
    """A commit status as the combined status lists it."""
    return {
        "url": f"{links.repo(repo.full_name)}/statuses/{made.sha}",
        "avatar_url": f"{links.web}/avatars/{made.creator.id}",
        "id": made.id,
        "node_id": node_id("StatusContext", made.id),
        "state": made.state,
        "description": made.description,
        "target_url": made.target_url,
        "context": made.context,
        "created_at": when(made.at),
        "updated_at": when(made.at),
    }
