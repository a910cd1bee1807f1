"""The entry point of the sandbox GitHub: every request is counted, checked, delayed or faulted here, then answered by its route."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.sandbox.faults import STATUS, FaultKind, FaultRule, Faults
from app.sandbox.github import strictness
from app.sandbox.github.auth import Authenticator
from app.sandbox.github.exchange import JSON, Route, SandboxRequest, SandboxResponse
from app.sandbox.github.graphql_limits import used_up
from app.sandbox.github.limits import Meter, SandboxLimits, UsedUp
from app.sandbox.github.oauth import OAuth
from app.sandbox.github.refusal import GitHubError, not_found
from app.sandbox.github.shapes.links import Links
from app.sandbox.github.webhook_sender import WebhookSender
from app.sandbox.github.world import World
from app.sandbox.log import Log

DOCS = "https://docs.github.com/rest"
AFTER = {FaultKind.RESET_AFTER, FaultKind.BAD_GATEWAY_AFTER}
OF_ANSWERS = {FaultKind.PARTIAL}
OF_GIT = {FaultKind.SLOW, FaultKind.HUGE, FaultKind.CORRUPT, FaultKind.WRONG_OBJECT, FaultKind.LONE_COMMIT}
HANG_SECONDS = 3600.0


@dataclass
class _Outcome:
    answer: SandboxResponse = field(default_factory=SandboxResponse)
    operation: str = ""
    actor: str = "anonymous"
    applied: bool = False


@dataclass
class SandboxGitHub:
    """The sandbox GitHub as an ASGI application below one path prefix."""

    world: World
    links: Links
    routes: Sequence[Route]
    limits: SandboxLimits = field(default_factory=SandboxLimits)
    faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=lambda: Log(time.monotonic))
    witness: Callable[[Request, bytes, SandboxResponse], None] | None = None

    def __post_init__(self) -> None:
        self.authenticator = Authenticator(self.world)
        self.conversions: set[str] = set()
        self.oauth = OAuth(self.world, self.authenticator)
        self.webhook_sender = WebhookSender(self.world, self.links)
        self.meter = Meter(self.limits, time.monotonic, lambda: self.world.client_now().timestamp())
        self._written: dict[int, float] = {}
        self.log_links: dict[str, tuple[float, str]] = {}
        # The server for downloads of logs, "" for this one.
        self.log_host = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        started = time.monotonic()
        if place := self.world.place(path):
            # As GitHub does: by id, whatever the new name, and without checking the token.
            await Response(status_code=301, headers={"location": self.links.api + place})(scope, receive, send)
            return
        path = self.world.named(path)
        fault = self.faults.strike(request.method, path)
        outcome = _Outcome()
        self.meter.running += 1
        try:
            await self._through(request, path, body, outcome, fault)
        finally:
            self.meter.running -= 1
        answer, harm = outcome.answer, fault.harm if fault else None
        self.log.add(
            request.method,
            path,
            body,
            query=request.url.query,
            operation=outcome.operation,
            actor=outcome.actor,
            status=answer.status,
            applied=outcome.applied,
            fault=harm.value if harm else "",
            seconds=time.monotonic() - started,
        )
        if self.witness and fault is None:
            self.witness(request, body, answer)
        if harm in (FaultKind.RESET, FaultKind.RESET_AFTER):
            scope["state"]["transport"].abort()
            return
        if harm is FaultKind.BAD_GATEWAY_AFTER:
            answer = SandboxResponse({"message": "Server Error"}, 502)
        await _response(request, answer)(scope, receive, send)

    async def _through(self, request: Request, path: str, body: bytes, outcome: "_Outcome", fault: FaultRule | None) -> None:
        headers: Mapping[str, str] = {}
        if self.limits.github_ms:
            await asyncio.sleep(self.limits.github_ms / 1000)
        authorization = request.headers.get("authorization", "")
        try:
            strictness.check_headers(request.headers)
            route, params = self._find(request.method, path)
            outcome.operation = route.handler.__name__
            if fault and fault.harm not in AFTER:
                await self._harm(fault)
            actor = self.authenticator.admit(authorization)
            outcome.actor = actor.name
            headers = self.meter.call(actor.name, route.resource)
            query, accept = dict(request.query_params), request.headers.get("accept", "")
            call = SandboxRequest(self, actor, params, query, _parsed(body), accept, str(request.url), fault)
            self._check(call, route)
            if route.creates:
                self.meter.create(actor.name)
            answer = route.handler(call)
            outcome.applied = True
            if request.method == "GET" and answer.status == 200 and answer.media == JSON:
                answer, headers = self._marked(request, actor.name, answer, headers)
        except UsedUp as refused:
            answer = _refusal(refused) if route.resource == "core" else used_up(refused)
        except GitHubError as refused:
            answer = _refusal(refused)
        outcome.answer = SandboxResponse(answer.body, answer.status, {**headers, **answer.headers}, answer.media)

    def _marked(
        self, request: Request, actor: str, answer: SandboxResponse, headers: Mapping[str, str]
    ) -> tuple[SandboxResponse, Mapping[str, str]]:
        """The answer with its ETag, or 304, which counts against no limit, if the caller has it already."""
        mark = strictness.etag(request.headers.get("authorization", ""), _encoded(answer.body))
        told = {"etag": mark, "vary": "Accept, Authorization, Cookie, X-GitHub-OTP"}
        if strictness.is_unchanged(request.headers.get("if-none-match", ""), mark):
            return SandboxResponse(status=304, headers=told), self.meter.take_back(actor)
        return SandboxResponse(answer.body, answer.status, {**answer.headers, **told}, answer.media), headers

    def written(self, entity_id: int) -> None:
        """Record that an object was just created, for the read-after-write lag."""
        self._written[entity_id] = time.monotonic()

    def is_too_new(self, entity: object) -> bool:
        """Whether a read may still miss this object."""
        at = self._written.get(getattr(entity, "id", -1))
        return at is not None and time.monotonic() - at < self.limits.lag_seconds

    def _find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        for route in self.routes:
            params = route.match(method, path)
            if params is not None:
                return route, params
        raise not_found()

    def _check(self, call: SandboxRequest, route: Route) -> None:
        kind = call.actor.kind
        if route.needs == "app":
            if kind != "app":
                raise GitHubError(401, "A JSON web token could not be decoded")
        elif route.needs == "token":
            if kind != "installation":
                raise GitHubError(401 if kind == "anonymous" else 403, "Resource not accessible by integration")
        elif route.needs:
            self.authenticator.allow(call.actor, call.repository, route.needs)

    async def _harm(self, fault: FaultRule) -> None:
        if fault.harm is FaultKind.HANG:
            await asyncio.sleep(HANG_SECONDS)
        if fault.harm is FaultKind.SLOW:
            await asyncio.sleep(fault.retry_after)
        if fault.harm in OF_GIT | OF_ANSWERS:
            return
        if fault.harm is FaultKind.RESET:
            raise GitHubError(0, "reset")
        status, message = STATUS[fault.harm]
        headers = (
            {"retry-after": f"{fault.retry_after:g}"}
            if fault.harm in (FaultKind.SECONDARY, FaultKind.TOO_MANY) and fault.retry_after
            else {}
        )
        if fault.harm is FaultKind.PRIMARY:
            headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(self.world.client_now().timestamp() + fault.retry_after))}
        raise GitHubError(status, message, headers=headers)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise GitHubError(400, "Problems parsing JSON") from error
    if not isinstance(parsed, dict):
        raise GitHubError(400, "Body should be a JSON object")
    strictness.check_text(parsed)
    return parsed


def _refusal(refused: GitHubError) -> SandboxResponse:
    body: dict[str, Any] = {"message": refused.message, "documentation_url": DOCS, "status": str(refused.status)}
    if refused.errors is not None:
        body["errors"] = refused.errors
    return SandboxResponse(body, refused.status, refused.headers)


def _response(request: Request, answer: SandboxResponse) -> Response:
    headers = {
        "x-github-media-type": "github.v3; format=json",
        "x-github-request-id": hashlib.sha256(repr(request.scope["path"]).encode()).hexdigest()[:16],
    }
    if version := request.headers.get("x-github-api-version"):
        headers["x-github-api-version-selected"] = version
    content = _encoded(answer.body)
    return Response(content, answer.status, {**headers, **answer.headers}, answer.media if answer.body is not None else None)


def _encoded(body: Any) -> bytes:  # noqa: ANN401 - any JSON
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
