"""A scripted life of one pull request that touches every route of the sandbox and every webhook it sends."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt

from app.sandbox.github.entities import Happening
from app.sandbox.github.shapes.payloads import payload
from app.sandbox.server import Sandbox

BLOBS = """
query($o: String!, $n: String!) {
  repository(owner: $o, name: $n) { a0: object(expression: "SHA:a.py") { ... on Blob { oid byteSize isBinary isTruncated text } } }
  rateLimit { cost remaining }
}
"""


@dataclass(frozen=True)
class Step:
    """One exchange."""

    method: str
    path: str
    request: Any
    status: int
    answer: Any
    headers: dict[str, str]


@dataclass
class Scenario:
    """Speaks to a running sandbox, and keeps every exchange and every payload."""

    sandbox: Sandbox
    http: httpx.AsyncClient
    steps: list[Step] = field(default_factory=list)
    payloads: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    token: str = ""

    def hear(self, happening: Happening) -> None:
        """Keep what a webhook would carry."""
        github = self.sandbox.github
        self.payloads.append((happening.event, payload(github.links, github.world, happening)))

    def app_token(self) -> str:
        now, app = int(time.time()), self.sandbox.world.app
        return jwt.encode({"iat": now - 30, "exp": now + 300, "iss": str(app.id)}, app.private_key, algorithm="RS256")

    async def do(self, method: str, path: str, body: object = None, **options: str) -> Any:  # noqa: ANN401 - any JSON
        """One exchange; `by="app"` uses the JWT."""
        credential = self.app_token() if options.get("by") == "app" else self.token
        headers = {"authorization": f"Bearer {credential}", "accept": options.get("accept", "application/vnd.github+json")}
        root = self.sandbox.api_url.removesuffix("/v3") if path == "/graphql" else self.sandbox.api_url
        answer = await self.http.request(method, root + path, json=body, headers=headers)
        media = answer.headers.get("content-type", "")
        parsed = answer.json() if "json" in media and "raw" not in media and answer.content else answer.text or None
        self.steps.append(Step(method, path, body, answer.status_code, parsed, dict(answer.headers)))
        return parsed


async def live(scenario: Scenario) -> None:
    """Everything, once."""
    world = scenario.sandbox.world
    world.listeners.append(scenario.hear)
    base = {
        "a.py": "one = 1\ntwo = 2\nthree = 3\n",
        "docs/x.md": "# X\n",
        "gone.txt": "bye\n",
        "old.py": "a\nb\nc\nd\n",
        "logo.png": b"\x89PNG\0",
    }
    repository = world.create_repository("acme/shop", base)
    repository.add_collaborator("dana", "maintain")
    head = {
        "a.py": "one = 1\ntwo = 22\nthree = 3\n",
        "gone.txt": None,
        "old.py": None,
        "new.py": "a\nb\nc\nd\n",
        "logo.png": b"\x89PNG\0\1",
    }
    pull = repository.open_pull_request("Change two", head, body="Fixes #9", author="dana")
    job = repository.add_failing_job(pull.head_sha, "unit", "boom\n", steps=[("Run tests", "failure")])
    installation = next(iter(world.installations))
    await _as_app(scenario, installation)
    await _read(scenario, pull.head_sha, job.run_id, job.id)
    await _talk(scenario, pull.head_sha)
    await _review(scenario, pull.head_sha)
    await _check(scenario, pull.head_sha)
    repository.push(1, {"a.py": "one = 1\ntwo = 23\nthree = 4\n"})
    for act in _acts(scenario, installation):
        act()
    await scenario.do("GET", "/repos/acme/shop/pulls/1/comments")
    await scenario.do("GET", "/repos/acme/shop/pulls?state=all")


def _acts(scenario: Scenario, installation: int) -> Iterator[Callable[[], object]]:
    """What people do that no route of ours does."""
    world = scenario.sandbox.world
    repository = world.repository("acme/shop")
    yield lambda: repository.mark_ready(1, ready=False)
    yield lambda: repository.mark_ready(1)
    yield lambda: repository.label(1, "urgent")
    yield lambda: repository.edit(1, title="Change two for good")
    yield lambda: repository.open_pull_request("From a fork", {"a.py": "x\n"}, "eve", fork=True)
    yield lambda: repository.open_issue("It is slow", "Why?", "dana")
    yield lambda: repository.comment(3, "dana", "/council why")
    yield lambda: repository.edit(3, body="Why is it slow?")
    yield lambda: repository.close(3)
    yield lambda: repository.reopen(3)
    yield lambda: repository.close(2)
    yield lambda: repository.reopen(2)
    yield lambda: repository.close(1, merge=True)
    ours = next(run.id for run in repository.check_runs.values() if run.app_slug == world.app.slug)
    yield lambda: repository.rerequest(ours)
    yield lambda: repository.press(ours, "rerun")
    yield lambda: world.create_repository("acme/second")
    yield lambda: world.select(installation, {"acme/shop"})
    yield lambda: world.suspend(installation)
    yield lambda: world.suspend(installation, suspended=False)


async def _as_app(scenario: Scenario, installation: int) -> None:
    do = scenario.do
    await do("GET", "/app", by="app")
    await do("GET", "/app/installations", by="app")
    await do("GET", f"/app/installations/{installation}", by="app")
    await do("GET", "/repos/acme/shop/installation", by="app")
    narrow = {"repositories": ["shop"], "permissions": {"contents": "read"}}
    await do("POST", f"/app/installations/{installation}/access_tokens", narrow, by="app")
    made = await do("POST", f"/app/installations/{installation}/access_tokens", by="app")
    scenario.token = made["token"]
    await do("GET", "/app/hook/config", by="app")
    await do("PATCH", "/app/hook/config", {"content_type": "json"}, by="app")
    courier = scenario.sandbox.github.courier
    await courier.settled()
    await do("GET", "/app/hook/deliveries?per_page=2", by="app")
    delivery = next(iter(courier.deliveries))
    await do("GET", f"/app/hook/deliveries/{delivery}", by="app")
    await do("POST", f"/app/hook/deliveries/{delivery}/attempts", by="app")
    await do("GET", "/installation/repositories")
    await do("GET", "/rate_limit")


async def _read(scenario: Scenario, sha: str, run: int, job: int) -> None:
    do, repo = scenario.do, "/repos/acme/shop"
    for path in (
        "",
        "/pulls",
        "/pulls?head=acme:change-1&state=open&sort=updated&direction=desc",
        "/pulls/1",
        "/pulls/1/files",
        "/pulls/1/commits",
    ):
        await do("GET", repo + path)
    await do("GET", f"{repo}/pulls/1", accept="application/vnd.github.diff")
    await do("GET", f"{repo}/contents/a.py?ref={sha}")
    await do("GET", f"{repo}/contents/a.py?ref={sha}", accept="application/vnd.github.raw+json")
    await do("GET", f"{repo}/contents/docs")
    await do("GET", f"{repo}/contents/nothing.py")
    tree = await do("GET", f"{repo}/git/trees/{sha}?recursive=1")
    await do("GET", f"{repo}/git/blobs/{next(each['sha'] for each in tree['tree'] if each['type'] == 'blob')}")
    for path in (f"/commits/{sha}", f"/commits/{sha}/check-runs", f"/commits/{sha}/status", f"/compare/main...{sha}", "/issues/1"):
        await do("GET", repo + path)
    for login in ("dana", "stranger"):
        await do("GET", f"{repo}/collaborators/{login}/permission")
    for path in (
        f"/actions/runs?head_sha={sha}",
        f"/actions/runs/{run}/jobs?filter=latest",
        f"/actions/jobs/{job}",
        f"/actions/jobs/{job}/logs",
    ):
        await do("GET", repo + path)
    await do("POST", "/graphql", {"query": BLOBS.replace("SHA", sha), "variables": {"o": "acme", "n": "shop"}})


async def _talk(scenario: Scenario, _sha: str) -> None:
    do, repo = scenario.do, "/repos/acme/shop"
    made = await do("POST", f"{repo}/issues/1/comments", {"body": "Hello"})
    comment = f"{repo}/issues/comments/{made['id']}"
    await do("GET", comment)
    await do("PATCH", comment, {"body": "Hello again"})
    await do("PATCH", comment, {"body": "x" * 65_537})
    for _ in range(2):
        reaction = await do("POST", f"{comment}/reactions", {"content": "eyes"})
    await do("GET", f"{comment}/reactions")
    await do("DELETE", f"{comment}/reactions/{reaction['id']}")
    await do("POST", f"{repo}/issues/1/reactions", {"content": "rocket"})
    await do("GET", f"{repo}/issues/1/comments?per_page=1")
    await do("DELETE", comment)
    await do("GET", comment)


async def _review(scenario: Scenario, sha: str) -> None:
    do, pull = scenario.do, "/repos/acme/shop/pulls/1"
    good = {"path": "a.py", "line": 2, "side": "RIGHT", "body": "Why 22?"}
    await do("POST", f"{pull}/reviews", {"commit_id": sha, "body": "No", "comments": [good | {"line": 900}]})
    await do("POST", f"{pull}/reviews", {"event": "APPROVE"})
    pending = await do("POST", f"{pull}/reviews", {"commit_id": sha, "body": "Look", "comments": [good]})
    await do("POST", f"{pull}/reviews", {"commit_id": sha, "body": "Two"})
    await do("GET", f"{pull}/reviews/{pending['id']}")
    await do("DELETE", f"{pull}/reviews/{pending['id']}")
    wide = good | {"start_line": 1, "start_side": "RIGHT"}
    pending = await do("POST", f"{pull}/reviews", {"commit_id": sha, "body": "Look", "comments": [good, wide]})
    await do("PUT", f"{pull}/reviews/{pending['id']}", {"body": "Look again"})
    await do("POST", f"{pull}/reviews/{pending['id']}/events", {"event": "COMMENT"})
    await do("DELETE", f"{pull}/reviews/{pending['id']}")
    await do("GET", f"{pull}/reviews")
    comments = await do("GET", f"{pull}/reviews/{pending['id']}/comments")
    first = comments[0]["id"]
    await do("POST", f"{pull}/comments/{first}/replies", {"body": "Because."})
    single = f"/repos/acme/shop/pulls/comments/{first}"
    await do("GET", single)
    await do("PATCH", single, {"body": "Why 22, not 2?"})
    await do("POST", f"{single}/reactions", {"content": "+1"})
    await do("GET", f"{single}/reactions")
    await do("GET", f"{pull}/comments")
    await do("DELETE", f"/repos/acme/shop/pulls/comments/{comments[1]['id']}")


async def _check(scenario: Scenario, sha: str) -> None:
    do, repo = scenario.do, "/repos/acme/shop"
    made = await do("POST", f"{repo}/check-runs", {"name": "council", "head_sha": sha, "external_id": "7", "status": "in_progress"})
    run = f"{repo}/check-runs/{made['id']}"
    note = {"path": "a.py", "start_line": 2, "end_line": 2, "annotation_level": "warning", "message": "Why?", "title": "Odd"}
    actions = [{"label": "Re-run", "description": "Review again", "identifier": "rerun"}]
    output = {"title": "1 to fix", "summary": "…", "annotations": [note]}
    await do("PATCH", run, {"output": output, "actions": actions})
    await do("PATCH", run, {"output": output | {"annotations": [note] * 51}})
    await do("PATCH", run, {"conclusion": "neutral", "output": {"title": "Done", "summary": "…"}})
    await do("GET", run)
    await do("GET", f"{run}/annotations")
    await do("GET", f"{repo}/commits/{sha}/check-runs?check_name=council&filter=latest")
