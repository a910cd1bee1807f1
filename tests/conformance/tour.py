"""A tour of every route of the sandbox GitHub, which also checks the routes that our product does not call yet."""

import time
from dataclasses import dataclass
from typing import Any

import httpx
import jwt

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.shapes.runs import workflow_id
from tests.conformance.product import LOG
from tests.stories.harness import InProcessSystem

API = {"X-GitHub-Api-Version": "2022-11-28"}


@dataclass
class Guide:
    """Sends requests as the App (`jwt`) or as its installation."""

    client: httpx.AsyncClient
    jwt: str
    token: str = ""

    async def ask(self, method: str, path: str, body: Any = None, *, as_app: bool = False, accept: str = "") -> Any:
        """The JSON of an answer, None if there is none."""
        headers = {**API, "Authorization": f"Bearer {self.jwt if as_app else self.token}"}
        headers |= {"Accept": accept} if accept else {}
        answer = await self.client.request(method, path, json=body, headers=headers)
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return answer.json() if is_json and answer.content else None


async def tour(system: InProcessSystem) -> None:
    """Request everything once, the errors too."""
    app = system.sandbox.world.app
    async with httpx.AsyncClient(base_url=system.sandbox.api_url, timeout=30, trust_env=False) as client:
        guide = Guide(client, _jwt(app.id, app.private_key))
        pull = system.open(body="Look", draft=True)
        system.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
        system.repository.add_status(pull.head_sha, "ci/old", "failure", "2 of 40 tests failed")
        await system.sandbox.settled()
        await _the_app(guide, system)
        await _code(guide, pull)
        await _conversation(guide, system, pull)
        await _reviews(guide, pull)
        await _checks(guide, system, pull)
        await _refusals(guide, pull)
        await system.sandbox.settled()


def _jwt(app_id: int, key: str) -> str:
    now = int(time.time())
    return jwt.encode({"iat": now - 30, "exp": now + 300, "iss": str(app_id)}, key, algorithm="RS256")


async def _the_app(guide: Guide, system: InProcessSystem) -> None:
    number = next(iter(system.sandbox.world.installations))
    for path in ("/app", "/app/installations", f"/app/installations/{number}", "/repos/acme/shop/installation", "/app/hook/config"):
        await guide.ask("GET", path, as_app=True)
    body = {"repositories": ["shop"], "permissions": {"contents": "read", "metadata": "read"}}
    await guide.ask("POST", f"/app/installations/{number}/access_tokens", body, as_app=True)
    guide.token = (await guide.ask("POST", f"/app/installations/{number}/access_tokens", {}, as_app=True))["token"]
    await guide.ask("PATCH", "/app/hook/config", {"content_type": "json"}, as_app=True)
    deliveries = await guide.ask("GET", "/app/hook/deliveries?per_page=2", as_app=True)
    await guide.ask("GET", f"/app/hook/deliveries/{deliveries[0]['id']}", as_app=True)
    await guide.ask("POST", f"/app/hook/deliveries/{deliveries[0]['id']}/attempts", as_app=True)
    await guide.ask("GET", "/installation/repositories")
    await guide.ask("GET", f"/apps/{system.sandbox.world.app.slug}")
    await guide.ask("GET", "/user/11")
    system.sandbox.github.conversions.add("once")
    await guide.ask("POST", "/app-manifests/once/conversions")
    await guide.ask("POST", "/app-manifests/once/conversions")
    await _a_person(client_of(guide), system)
    await guide.ask("GET", "/rate_limit")


def client_of(guide: Guide) -> Guide:
    """The same guide without any token."""
    return Guide(guide.client, guide.jwt)


async def _a_person(guide: Guide, system: InProcessSystem) -> None:
    system.repository.add_collaborator("ada", "admin")
    guide.token = system.sandbox.github.oauth.token_for("ada")
    await guide.ask("GET", "/user")
    found = await guide.ask("GET", "/user/installations?per_page=100&page=1")
    await guide.ask("GET", f"/user/installations/{found['installations'][0]['id']}/repositories?per_page=100&page=1")
    await guide.ask("GET", "/user/installations/1/repositories")
    await guide.ask("GET", "/repos/acme/shop/contents/app/cart.py", accept="application/vnd.github.raw+json")


async def _code(guide: Guide, pull: PullRequest) -> None:
    repo = "/repos/acme/shop"
    for path in ("", "/contents/app", "/contents/app/cart.py", f"/git/trees/{pull.head_sha}?recursive=1", f"/commits/{pull.head_sha}"):
        await guide.ask("GET", repo + path)
    await guide.ask("GET", f"{repo}/contents/app", accept="application/vnd.github.object+json")
    await guide.ask("GET", f"{repo}/contents/app/cart.py", accept="application/vnd.github.raw+json")
    tree = await guide.ask("GET", f"{repo}/git/trees/{pull.head_sha}?recursive=1")
    blob = next(each for each in tree["tree"] if each["type"] == "blob")
    await guide.ask("GET", f"{repo}/git/blobs/{blob['sha']}")
    await guide.ask("GET", f"{repo}/compare/main...{pull.head_ref}")
    await guide.ask("GET", f"{repo}/compare/{pull.base_sha}...{pull.head_sha}?per_page=1&page=2")
    for path in ("/pulls?state=all", "/pulls/1", "/pulls/1/files", "/pulls/1/commits", "/issues/1"):
        await guide.ask("GET", repo + path)
    await guide.ask("GET", f"{repo}/pulls/1", accept="application/vnd.github.diff")


async def _conversation(guide: Guide, system: InProcessSystem, pull: PullRequest) -> None:
    issues = "/repos/acme/shop/issues"
    made = await guide.ask("POST", f"{issues}/1/comments", {"body": "Hello"})
    own = f"{issues}/comments/{made['id']}"
    await guide.ask("PATCH", own, {"body": "Hello there"})
    reaction = await guide.ask("POST", f"{own}/reactions", {"content": "eyes"})
    await guide.ask("POST", f"{own}/reactions", {"content": "eyes"})
    lease = await guide.ask("POST", f"{issues}/1/reactions", {"content": "rocket"})
    await guide.ask("GET", f"{issues}/1/reactions?content=rocket")
    await guide.ask("DELETE", f"{issues}/1/reactions/{lease['id']}")
    for path in (own, f"{own}/reactions", f"{issues}/1/comments?per_page=1", f"{issues}/{pull.number}"):
        await guide.ask("GET", path)
    await guide.ask("DELETE", f"{own}/reactions/{reaction['id']}")
    await guide.ask("DELETE", own)
    system.repository.add_collaborator("ada", "maintain")
    for login in ("ada", "octo-dev", "nobody-at-all"):
        await guide.ask("GET", f"/repos/acme/shop/collaborators/{login}/permission")


async def _reviews(guide: Guide, pull: PullRequest) -> None:
    reviews, comments = f"/repos/acme/shop/pulls/{pull.number}/reviews", "/repos/acme/shop/pulls/comments"
    note = {"path": "app/cart.py", "line": 6, "side": "RIGHT", "body": "Hm"}
    whole = {"commit_id": pull.head_sha, "body": "All of it"}
    made = await guide.ask("POST", reviews, {**whole, "comments": [note, {**note, "start_line": 5, "start_side": "RIGHT", "line": 6}]})
    for path in (reviews, f"{reviews}/{made['id']}", f"{reviews}/{made['id']}/comments"):
        await guide.ask("GET", path)
    await guide.ask("PUT", f"{reviews}/{made['id']}", {"body": "All of this"})
    await guide.ask("POST", f"{reviews}/{made['id']}/events", {"event": "COMMENT"})
    first, *_ = await guide.ask("GET", f"{reviews.removesuffix('reviews')}comments")
    own = f"{comments}/{first['id']}"
    await guide.ask("POST", f"{reviews.removesuffix('reviews')}comments/{first['id']}/replies", {"body": "Indeed"})
    await guide.ask("PATCH", own, {"body": "Hm!"})
    await guide.ask("POST", f"{own}/reactions", {"content": "heart"})
    for path in (own, f"{own}/reactions", reviews):
        await guide.ask("GET", path)
    await guide.ask("DELETE", own)
    pending = await guide.ask("POST", reviews, whole)
    await guide.ask("DELETE", f"{reviews}/{pending['id']}")


async def _checks(guide: Guide, system: InProcessSystem, pull: PullRequest) -> None:
    repo = "/repos/acme/shop"
    note = {"path": "app/cart.py", "start_line": 6, "end_line": 6, "annotation_level": "warning", "message": "Hm", "title": "Look"}
    body = {
        "name": "Tour",
        "head_sha": pull.head_sha,
        "status": "in_progress",
        "output": {"title": "T", "summary": "S", "annotations": [note]},
    }
    made = await guide.ask("POST", f"{repo}/check-runs", body)
    own = f"{repo}/check-runs/{made['id']}"
    await guide.ask("PATCH", own, {"status": "completed", "conclusion": "neutral"})
    run = next(iter(system.repository.workflow_runs.values()))
    jobs = f"{repo}/actions/jobs/{run.jobs[0].id}"
    commit = f"{repo}/commits/{pull.head_sha}"
    runs = f"{repo}/actions/runs"
    found = (own, f"{own}/annotations", f"{commit}/check-runs", f"{commit}/status", runs, f"{runs}/{run.id}/jobs", jobs, f"{jobs}/logs")
    workflow = f"{repo}/actions/workflows/{workflow_id(run.name)}/runs?branch=main&status=success"
    for path in (*found, f"{runs}/{run.id}", workflow):
        await guide.ask("GET", path)


async def _refusals(guide: Guide, pull: PullRequest) -> None:
    """Answers with refusals."""
    repo = "/repos/acme/shop"
    for path in ("/issues/999", "/pulls/999", "/check-runs/1", "/contents/nowhere", "/commits/abcdef1", "/actions/jobs/1/logs"):
        await guide.ask("GET", repo + path)
    await guide.ask("GET", "/app")
    await guide.ask("GET", f"{repo}/installation")
    note = {"path": "app/cart.py", "line": 999, "side": "RIGHT", "body": "Off"}
    await guide.ask("POST", f"{repo}/pulls/{pull.number}/reviews", {"event": "COMMENT", "body": "x", "comments": [note]})
    await guide.ask("POST", f"{repo}/issues/1/comments", {"body": ""})
    guide.token = "ghs_expired"
    await guide.ask("GET", repo)
