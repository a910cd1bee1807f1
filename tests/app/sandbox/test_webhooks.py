"""Deliveries: signed, once, and redelivered only on request."""

import asyncio
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.webhook_sender import DeliveryMode
from app.sandbox.server import Sandbox
from tests.app.sandbox.conftest import Caller, app_token


class Receiver:
    """A receiver. `status` is its answer."""

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.status = 202

    async def hear(self, request: Request) -> Response:
        self.seen.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status)

    def events(self) -> list[str]:
        return [f"{headers['x-github-event']}.{json.loads(body).get('action')}" for headers, body in self.seen]


@pytest.fixture
async def receiver(sandbox: Sandbox) -> AsyncIterator[Receiver]:
    made = Receiver()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    routes = [Route("/webhooks/github", made.hear, methods=["POST"])]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), ws="none", lifespan="off", log_level="critical"))
    serving = asyncio.create_task(server._serve([listener]))
    sandbox.world.app.webhook_url = f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/github"
    while not server.started:
        await asyncio.sleep(0.005)
    yield made
    server.should_exit = server.force_exit = True
    await serving
    listener.close()


async def test_events_are_delivered_with_a_signature(
    sandbox: Sandbox, receiver: Receiver, services: SandboxRepository, pull: PullRequest
) -> None:
    services.comment(1, "dana", "/council review")
    services.push(1, {"new.py": "x = 2\n"})
    await sandbox.settled()
    assert sorted(receiver.events()) == [
        "installation.created",
        "issue_comment.created",
        "pull_request.opened",
        "pull_request.synchronize",
    ]
    for headers, body in receiver.seen:
        wanted = hmac.new(sandbox.world.app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-hub-signature-256"] == f"sha256={wanted}"
    told: dict[str, Any] = {headers["x-github-event"]: json.loads(body) for headers, body in receiver.seen}
    assert told["issue_comment"]["issue"]["pull_request"]["url"].endswith("/pulls/1")
    assert told["issue_comment"]["installation"]["id"] in sandbox.world.installations
    assert told["pull_request"]["repository"]["full_name"] == "acme/shop"


async def test_a_failed_delivery_stays_failed_until_it_is_redelivered(
    sandbox: Sandbox, receiver: Receiver, services: SandboxRepository, call: Caller
) -> None:
    await sandbox.settled()
    receiver.status = 500
    services.open_pull_request("Lost", {"a.py": "1\n"})
    await sandbox.settled()
    asking = Caller(call.http, call.root, app_token(sandbox.world.app))
    (failed,) = (await asking("GET", "/app/hook/deliveries?status=failure")).json()
    assert (failed["event"], failed["status_code"]) == ("pull_request", 500)

    receiver.status = 202
    assert (await asking("POST", f"/app/hook/deliveries/{failed['id']}/attempts")).status_code == 202
    await sandbox.settled()
    newest = (await asking("GET", "/app/hook/deliveries?per_page=1")).json()[0]
    assert (newest["guid"], newest["redelivery"], newest["status"]) == (failed["guid"], True, "OK")
    full = (await asking("GET", f"/app/hook/deliveries/{newest['id']}")).json()
    assert full["request"]["payload"]["pull_request"]["title"] == "Lost"
    assert receiver.seen[-1][0]["x-github-delivery"] == failed["guid"]


async def test_deliveries_are_paged_by_cursor(sandbox: Sandbox, receiver: Receiver, services: SandboxRepository, call: Caller) -> None:
    for number in range(4):
        services.open_issue(f"Issue {number}")
    await sandbox.settled()
    asking = Caller(call.http, call.root, app_token(sandbox.world.app))
    first = await asking("GET", "/app/hook/deliveries?per_page=3")
    second = await asking("GET", first.links["next"]["url"].removeprefix(call.root))
    ids = [each["id"] for each in (*first.json(), *second.json())]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 5


@pytest.mark.parametrize(
    ("mode", "sent", "listed"), [(DeliveryMode.SEND, 1, 1), (DeliveryMode.HOLD, 0, 0), (DeliveryMode.FAIL, 0, 1), (DeliveryMode.LOSE, 0, 0)]
)
async def test_deliveries_can_go_wrong_on_purpose(
    sandbox: Sandbox, receiver: Receiver, services: SandboxRepository, mode: DeliveryMode, sent: int, listed: int
) -> None:
    await sandbox.settled()
    receiver.seen.clear()
    sandbox.github.webhook_sender.deliveries.clear()
    sandbox.github.webhook_sender.mode = mode
    services.open_issue("Slow")
    await sandbox.settled()
    assert (len(receiver.seen), len(sandbox.github.webhook_sender.deliveries)) == (sent, listed)
    assert sandbox.github.webhook_sender.release() == (1 if mode is DeliveryMode.HOLD else 0)


async def test_own_writes_are_delivered_but_no_pending_review(
    sandbox: Sandbox, receiver: Receiver, call: Caller, pull: PullRequest
) -> None:
    await sandbox.settled()
    receiver.seen.clear()
    comments = [{"path": "a.py", "line": 5, "body": "Why?"}]
    made = (await call("POST", "/repos/acme/shop/pulls/1/reviews", {"comments": comments})).json()
    await sandbox.settled()
    assert receiver.events() == []
    await call("POST", f"/repos/acme/shop/pulls/1/reviews/{made['id']}/events", {"event": "COMMENT"})
    await sandbox.settled()
    assert sorted(receiver.events()) == ["pull_request_review.submitted", "pull_request_review_comment.created"]
    assert json.loads(receiver.seen[0][1])["sender"]["type"] == "Bot"
