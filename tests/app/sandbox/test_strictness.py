"""Every rule of GitHub's that the sandbox once did not enforce: a request that must be refused, and a similar one that must be accepted."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.sandbox.faults import FaultKind
from app.sandbox.github import reviewing
from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.routes import all_routes
from app.sandbox.github.webhook_sender import DeliveryMode
from app.sandbox.server import Sandbox
from tests.app.sandbox.conftest import Caller, app_token

REPO = "/repos/acme/shop"
NOTE = {"path": "a.py", "line": 5, "side": "RIGHT", "body": "Hm"}


@dataclass
class Scene:
    """The shop, its pull request, and the caller."""

    sandbox: Sandbox
    services: SandboxRepository
    pull: PullRequest
    call: Caller

    @property
    def reviews(self) -> str:
        return f"{REPO}/pulls/{self.pull.number}/reviews"

    async def review(self, **body: Any) -> httpx.Response:
        return await self.call("POST", self.reviews, {"commit_id": self.pull.head_sha, **body})

    async def submitted(self) -> int:
        """A review with a comment on the diff. Returns that comment's id."""
        await self.review(event="COMMENT", body="x", comments=[NOTE])
        return self.pull.reviews[-1].comments[0].id

    async def reply(self, comment: int) -> httpx.Response:
        return await self.call("POST", f"{REPO}/pulls/{self.pull.number}/comments/{comment}/replies", {"body": "Indeed"})

    async def check(self, **body: Any) -> httpx.Response:
        return await self.call("POST", f"{REPO}/check-runs", {"name": "Council", "head_sha": self.pull.head_sha, **body})

    async def query(self, fields: str) -> httpx.Response:
        document = f'{{ repository(owner: "acme", name: "shop") {{ {fields} }} }}'
        return await Caller(self.call.http, self.sandbox.api_url.removesuffix("/v3"), self.call.token)(
            "POST", "/graphql", {"query": document}
        )

    async def as_app(self, path: str, **claims: object) -> httpx.Response:
        return await Caller(self.call.http, self.call.root, app_token(self.sandbox.world.app, **claims))("GET", path)

    def later(self, **span: float) -> None:
        now = self.sandbox.world.now
        self.sandbox.world.now = lambda: now() + timedelta(**span)


Request = Callable[[Scene], Awaitable[httpx.Response]]
RULES: dict[str, tuple[Request, int, str, Request]] = {}


def rule(name: str, status: int, says: str, taken: Request) -> Callable[[Request], Request]:
    """A rule by the request that GitHub refuses with this status and text, and the similar one that it accepts."""

    def add(refused: Request) -> Request:
        RULES[name] = (refused, status, says, taken)
        return refused

    return add


async def reply_to_a_thread(scene: Scene) -> httpx.Response:
    return await scene.reply(await scene.submitted())


@rule("a reply while a review of the same account is pending", 422, "one pending review", reply_to_a_thread)
async def _(scene: Scene) -> httpx.Response:
    thread = await scene.submitted()
    assert (await scene.review(body="draft")).status_code == 200
    return await scene.reply(thread)


@rule("a reply to a reply", 422, "top-level", reply_to_a_thread)
async def _(scene: Scene) -> httpx.Response:
    return await scene.reply((await reply_to_a_thread(scene)).json()["id"])


async def review_an_older_commit(scene: Scene) -> httpx.Response:
    before = scene.pull.head_sha
    scene.services.push(scene.pull.number, {"new.py": "x = 2\n"})
    return await scene.review(commit_id=before, event="COMMENT", body="x")


@rule("a review of a commit outside the pull request", 422, "not part of the pull request", review_an_older_commit)
async def _(scene: Scene) -> httpx.Response:
    before = scene.pull.head_sha
    other = scene.services.open_pull_request("Other", {"b.py": "1\n"}).head_sha
    scene.services.force_push(scene.pull.number, other)
    return await scene.review(commit_id=before, event="COMMENT", body="x")


async def review_without_a_body(scene: Scene) -> httpx.Response:
    return await scene.review(event="COMMENT", comments=[NOTE])


@rule("a submitted review with neither body nor comments", 422, "can't be blank", review_without_a_body)
async def _(scene: Scene) -> httpx.Response:
    return await scene.review(event="COMMENT")


async def read_a_log(scene: Scene, **headers: str) -> httpx.Response:
    job = scene.services.add_failing_job(scene.pull.head_sha, "unit", "boom\n")
    redirect = await scene.call("GET", f"{REPO}/actions/jobs/{job.id}/logs")
    assert not redirect.headers["location"].startswith(scene.sandbox.web_url), "a log is on another host"
    return await scene.call.http.get(redirect.headers["location"], headers=headers)


@rule("a token sent to where a log is kept", 400, "auth", read_a_log)
async def _(scene: Scene) -> httpx.Response:
    return await read_a_log(scene, authorization=f"Bearer {scene.call.token}")


@rule("a log after 90 days", 410, "expired", read_a_log)
async def _(scene: Scene) -> httpx.Response:
    job = scene.services.add_failing_job(scene.pull.head_sha, "unit", "boom\n")
    scene.later(days=91)
    actor = scene.sandbox.github.authenticator.tokens[scene.call.token]
    scene.sandbox.github.authenticator.tokens[scene.call.token] = type(actor)(
        **{**vars(actor), "expires": scene.sandbox.world.now() + timedelta(1)}
    )
    return await scene.call("GET", f"{REPO}/actions/jobs/{job.id}/logs")


async def read_the_repository(scene: Scene) -> httpx.Response:
    return await scene.call("GET", REPO, **{"x-github-api-version": "2022-11-28"})


@rule("no User-Agent", 403, "User-Agent", read_the_repository)
async def _(scene: Scene) -> httpx.Response:
    return await scene.call("GET", REPO, **{"user-agent": ""})


@rule("an unknown version of the API", 400, "not valid", read_the_repository)
async def _(scene: Scene) -> httpx.Response:
    return await scene.call("GET", REPO, **{"x-github-api-version": "2021-01-01"})


async def a_jwt_of_590_seconds(scene: Scene) -> httpx.Response:
    return await scene.as_app("/app", exp=int(time.time()) + 590)


@rule("a JWT of 650 seconds", 401, "too far in the future", a_jwt_of_590_seconds)
async def _(scene: Scene) -> httpx.Response:
    return await scene.as_app("/app", exp=int(time.time()) + 650)


async def read_anonymously(scene: Scene) -> httpx.Response:
    return await scene.call.http.get(scene.sandbox.api_url + REPO)


@rule("the 61st anonymous request of an hour", 403, "rate limit exceeded", read_anonymously)
async def _(scene: Scene) -> httpx.Response:
    used = len(scene.sandbox.github.meter.calls["anonymous", "core"])
    answers = [await read_anonymously(scene) for _ in range(61 - used)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    return answers[-1]


@rule("a request beyond the hour's limit", 403, "rate limit exceeded", read_the_repository)
async def _(scene: Scene) -> httpx.Response:
    scene.sandbox.github.limits.primary_hour = 1
    await read_the_repository(scene)
    return await read_the_repository(scene)


async def comment(scene: Scene, body: str = "Hello") -> httpx.Response:
    return await scene.call("POST", f"{REPO}/issues/{scene.pull.number}/comments", {"body": body})


@rule("a secondary limit without a header", 403, "secondary rate limit", comment)
async def _(scene: Scene) -> httpx.Response:
    scene.sandbox.github.limits.writes_minute, scene.sandbox.github.limits.secondary_header = 0, False
    answer = await comment(scene)
    assert "retry-after" not in answer.headers
    return answer


@rule("a fault of a secondary limit without a header", 403, "secondary rate limit", comment)
async def _(scene: Scene) -> httpx.Response:
    scene.sandbox.github.faults.add("POST", "/comments$", FaultKind.SECONDARY, retry_after=0)
    answer = await comment(scene)
    assert "retry-after" not in answer.headers
    return answer


@rule("the old words for a secondary limit", 403, "abuse detection", comment)
async def _(scene: Scene) -> httpx.Response:
    scene.sandbox.github.faults.add("POST", "/comments$", FaultKind.ABUSE)
    return await comment(scene)


@rule("U+0000 in a body", 422, "U+0000", comment)
async def _(scene: Scene) -> httpx.Response:
    return await comment(scene, "a\0b")


async def page_one(scene: Scene) -> httpx.Response:
    answer = await scene.call("GET", f"{REPO}/compare/main...{scene.pull.head_sha}?page=1&per_page=1")
    assert len(answer.json()["files"]) == 2 and len(answer.json()["commits"]) == 1
    return answer


@rule("files on page 2 of a comparison", 200, '"commits":[{', page_one)
async def _(scene: Scene) -> httpx.Response:
    scene.services.push(scene.pull.number, {"new.py": "x = 2\n"})
    answer = await scene.call("GET", f"{REPO}/compare/main...{scene.pull.head_sha}?page=2&per_page=1")
    assert "files" not in answer.json() and len(answer.json()["commits"]) == 1
    return answer


async def entries(scene: Scene) -> httpx.Response:
    return await scene.query("pullRequests(first: 100) { nodes { number commits(last: 1) { totalCount } } }")


@rule("a list of GraphQL without first or last", 200, "MISSING_PAGINATION_BOUNDARIES", entries)
async def _(scene: Scene) -> httpx.Response:
    return await scene.query("pullRequests { nodes { number } }")


@rule("a list of GraphQL with first: 5000", 200, "EXCESSIVE_PAGINATION", entries)
async def _(scene: Scene) -> httpx.Response:
    return await scene.query("pullRequests(first: 5000) { nodes { number } }")


@rule("a query for more than 500,000 nodes", 200, "MAX_NODE_LIMIT_EXCEEDED", entries)
async def _(scene: Scene) -> httpx.Response:
    deep = "commits(first: 100) { nodes { commit { history(first: 100) { nodes { oid } } } } }"
    return await scene.query(f"pullRequests(first: 100) {{ nodes {{ {deep} }} }}")


@rule("a query beyond the hour's limit", 200, "RATE_LIMITED", entries)
async def _(scene: Scene) -> httpx.Response:
    scene.sandbox.github.limits.graphql_hour = 1
    await entries(scene)
    return await entries(scene)


@rule("a query for what the App may not read", 200, "FORBIDDEN", entries)
async def _(scene: Scene) -> httpx.Response:
    scene.sandbox.world.permit(next(iter(scene.sandbox.world.installations)), pull_requests="")
    return await entries(scene)


@rule("a query that runs out of time", 200, "Something went wrong", entries)
async def _(scene: Scene) -> httpx.Response:
    scene.sandbox.github.faults.add("POST", "graphql", FaultKind.PARTIAL, field="a.py")
    document = 'query($e: String!) { repository(owner: "acme", name: "shop") { object(expression: $e) { oid } } }'
    call = Caller(scene.call.http, scene.sandbox.api_url.removesuffix("/v3"), scene.call.token)
    return await call("POST", "/graphql", {"query": document, "variables": {"e": "main:a.py"}})


@rule("GraphQL of a comment that was just written", 200, "NOT_FOUND", entries)
async def _(scene: Scene) -> httpx.Response:
    await scene.submitted()
    node = (await scene.call("GET", f"{REPO}/pulls/{scene.pull.number}/comments")).json()[0]["node_id"]
    scene.sandbox.github.limits.lag_seconds = 30
    scene.sandbox.github.written(scene.pull.reviews[-1].comments[0].id)
    document = f'mutation {{ minimizeComment(input: {{subjectId: "{node}", classifier: RESOLVED}}) {{ clientMutationId }} }}'
    return await Caller(scene.call.http, scene.sandbox.api_url.removesuffix("/v3"), scene.call.token)(
        "POST", "/graphql", {"query": document}
    )


async def a_whole_check(scene: Scene) -> httpx.Response:
    output = {"title": "T", "summary": "S", "text": "", "annotations": []}
    told = {"external_id": "x", "details_url": "https://council.example", "started_at": "2026-11-01T10:00:00Z"}
    return await scene.check(status="completed", conclusion="neutral", output=output, **told)


CHECK_FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "a number for a name": ("is not a string", {"name": 5}),
    "null for a text": ("is not a string", {"output": {"title": "T", "summary": "S", "text": None}}),
    "a key that there is not": ("not a permitted key", {"pull_requests": []}),
    "an address that is none": ("http or https", {"details_url": "javascript:alert(1)"}),
    "a time that is none": ("not a valid date-time", {"started_at": "yesterday"}),
    "a truth for a line": (
        "is not an integer",
        {
            "output": {
                "title": "T",
                "summary": "S",
                "annotations": [{"path": "a.py", "start_line": True, "end_line": 1, "annotation_level": "notice", "message": "m"}],
            }
        },
    ),
    "completed without a conclusion": ("conclusion is required", {"status": "completed"}),
    "an output without a summary": ("weren't supplied", {"output": {"title": "T"}}),
}


def _check_field(says: str, body: dict[str, Any], name: str) -> None:
    async def refused(scene: Scene) -> httpx.Response:
        return await scene.check(**body)

    rule(f"a check run with {name}", 422, says, a_whole_check)(refused)


for _name, (_says, _body) in CHECK_FIELDS.items():
    _check_field(_says, _body, _name)


async def a_delivery(scene: Scene) -> httpx.Response:
    scene.sandbox.github.webhook_sender.mode = DeliveryMode.FAIL
    scene.services.open_issue("Slow")
    number = next(iter(scene.sandbox.github.webhook_sender.deliveries))
    return await scene.as_app(f"/app/hook/deliveries/{number}")


@rule("a delivery of four days ago", 404, "Not Found", a_delivery)
async def _(scene: Scene) -> httpx.Response:
    await a_delivery(scene)
    number = next(iter(scene.sandbox.github.webhook_sender.deliveries))
    scene.later(days=4)
    later = int(time.time()) + 4 * 86_400
    listed = await scene.as_app("/app/hook/deliveries", iat=later - 10, exp=later + 300)
    assert listed.json() == []
    return await scene.as_app(f"/app/hook/deliveries/{number}", iat=later - 10, exp=later + 300)


@rule("the old name of a repository", 301, "", read_the_repository)
async def _(scene: Scene) -> httpx.Response:
    scene.sandbox.world.rename("acme/shop", "acme/store")
    return await scene.call("GET", REPO)


async def read_again(scene: Scene, token: str = "") -> httpx.Response:
    first = await scene.call("GET", f"{REPO}/pulls")
    return await Caller(scene.call.http, scene.call.root, token or scene.call.token)(
        "GET", f"{REPO}/pulls", **{"if-none-match": first.headers["etag"]}
    )


async def read_again_with_another_token(scene: Scene) -> httpx.Response:
    installation = next(iter(scene.sandbox.world.installations))
    asking = Caller(scene.call.http, scene.call.root, app_token(scene.sandbox.world.app))
    token = (await asking("POST", f"/app/installations/{installation}/access_tokens", {})).json()["token"]
    return await read_again(scene, token)


@rule("what has not changed", 304, "", read_again_with_another_token)
async def _(scene: Scene) -> httpx.Response:
    before = (await scene.call("GET", f"{REPO}/pulls")).headers["x-ratelimit-remaining"]
    answer = await read_again(scene)
    assert int(answer.headers["x-ratelimit-remaining"]) == int(before) - 1, "only the read between counts"
    return answer


@pytest.mark.parametrize("name", RULES)
async def test_github_refuses_it_and_accepts_a_similar_request(
    sandbox: Sandbox, services: SandboxRepository, pull: PullRequest, call: Caller, name: str
) -> None:
    refused, status, says, taken = RULES[name]
    services.add_collaborator("dana", "write")
    scene = Scene(sandbox, services, pull, call)
    near = await taken(scene)
    assert near.status_code in {200, 201}, near.text
    assert "errors" not in near.text
    pull.reviews.clear()
    answer = await refused(scene)
    assert answer.status_code == status, answer.text
    assert says in answer.text


PERMITTED = [route for route in all_routes() if ":" in route.needs]


@pytest.mark.parametrize("route", PERMITTED, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_requires_its_permission(sandbox: Sandbox, call: Caller, pull: PullRequest, route: Any) -> None:
    vault = sandbox.world.create_repository("acme/vault", private=True)
    vault.open_pull_request("Change", {"a.py": "1\n"})
    numbers = {"owner": "acme", "repo": "vault", "number": "1", "login": "dana", "path*": "README.md", "basehead*": "main...main"}
    path = route.path
    for name in (*numbers, "sha", "ref", "review", "comment", "reaction", "run", "job", "workflow"):
        path = path.replace(f"{{{name}}}", numbers.get(name, "1"))
    name, _, level = route.needs.partition(":")
    installation = next(iter(sandbox.world.installations))
    sandbox.world.permit(installation, **{name: {"read": "", "write": "read"}[level]})
    answer = await call(route.method, path, {})
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    assert answer.headers["x-accepted-github-permissions"] == f"{name}={level}"
    sandbox.world.permit(installation, **{name: level})
    assert (await call(route.method, path, {})).status_code != 403


def test_a_person_answers_while_a_draft_of_ours_waits(sandbox: Sandbox, services: SandboxRepository, pull: PullRequest) -> None:
    bot, dana = sandbox.world.app.bot, sandbox.world.user("dana")
    reviewing.create(services, pull, bot, {"event": "COMMENT", "body": "x", "comments": [NOTE]})
    reviewing.create(services, pull, bot, {"body": "draft"})
    assert reviewing.reply(services, pull, pull.reviews[0].comments[0].id, dana, "Why?").in_reply_to
