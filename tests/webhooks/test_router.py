"""The route's response to a request, before and after the inbox has seen it."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping, Sequence

import httpx
import pytest
from fastapi import FastAPI

from tests.webhooks.test_delivery import SECRET, signed
from webhooks.body import BodyLimits
from webhooks.delivery import MAX_BODY, Delivery
from webhooks.jobs import Job
from webhooks.router import InboxResult, webhook_router


class MemoryInbox:
    """An inbox that records what it gets."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.refused: list[tuple[str, str]] = []
        self.counted: list[tuple[str, str]] = []

    async def accept(self, delivery: Delivery, jobs: Sequence[Job]) -> InboxResult:
        known = delivery.guid in self.accepted
        self.accepted.append(delivery.guid)
        return InboxResult.KNOWN if known else InboxResult.RECORDED

    async def refuse(self, guid: str, event: str) -> None:
        self.refused.append((guid, event))

    def count(self, event: str, result: str) -> None:
        self.counted.append((event, result))


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


async def _post(
    inbox: MemoryInbox,
    body: bytes | AsyncIterator[bytes],
    headers: dict[str, str],
    secrets: Sequence[str] = (SECRET,),
    limits: BodyLimits | None = None,
) -> httpx.Response:
    app = FastAPI()
    app.include_router(webhook_router(lambda: inbox, lambda: secrets, limits=limits))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://council") as client:
        return await client.post("/webhooks/github", content=body, headers=headers)


async def test_a_delivery_is_recorded_once(inbox: MemoryInbox) -> None:
    first, second = [await _post(inbox, b"{}", signed(b"{}")) for _ in range(2)]
    assert (first.status_code, first.json()) == (202, {"message": "recorded, nothing to do"})
    assert (second.status_code, second.json()) == (200, {"message": "already recorded"})
    assert inbox.counted == [("ping", "recorded"), ("ping", "known")]


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
async def test_without_a_secret_nothing_is_accepted(inbox: MemoryInbox, secrets: Sequence[str]) -> None:
    answer = await _post(inbox, b"{}", signed(b"{}", ""), secrets)
    assert answer.status_code == 503 and "WEBHOOK_SECRET" in answer.text
    assert inbox.accepted == []


async def test_a_wrong_signature_is_only_counted(inbox: MemoryInbox) -> None:
    answer = await _post(inbox, b"{}", signed(b"{ }"))
    assert answer.status_code == 401
    assert (inbox.accepted, inbox.refused, inbox.counted) == ([], [], [("unknown", "bad_signature")])


async def test_an_unreadable_signed_body_is_recorded_as_refused(inbox: MemoryInbox) -> None:
    answer = await _post(inbox, b"[]", signed(b"[]"))
    assert answer.status_code == 400
    assert (inbox.accepted, inbox.refused) == ([], [("guid-1", "ping")])


async def test_a_too_large_body_is_refused(inbox: MemoryInbox) -> None:
    """By its declared length, and by its real one."""

    async def large() -> AsyncIterator[bytes]:
        for _ in range(26):
            yield b" " * 1024 * 1024

    assert (await _post(inbox, large(), {})).status_code == 413
    assert (await _post(inbox, b"{}", {"content-length": str(MAX_BODY + 1)})).status_code == 413
    assert inbox.counted == []


async def test_a_body_that_does_not_arrive_is_abandoned(inbox: MemoryInbox) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = await _post(inbox, slow(), {}, limits=BodyLimits(seconds=0.01))
    assert (answer.status_code, inbox.accepted, inbox.counted) == (408, [], [("unknown", "too_slow")])


async def test_large_bodies_wait_for_each_other_and_small_ones_never(inbox: MemoryInbox) -> None:
    held, most, both, gate = 0, 0, asyncio.Event(), asyncio.Event()

    async def large() -> AsyncIterator[bytes]:
        nonlocal held, most
        yield b" " * 11
        held, most = held + 1, max(most, held + 1)
        if held == 2:
            both.set()
        await gate.wait()
        held -= 1
        yield b"{}"

    app = FastAPI()
    app.include_router(webhook_router(lambda: inbox, lambda: [SECRET], limits=BodyLimits(large=10, at_once=2)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://council") as client:
        posts = [asyncio.create_task(client.post("/webhooks/github", content=large())) for _ in range(5)]
        async with asyncio.timeout(10):
            await both.wait()
        small = await client.post("/webhooks/github", content=b"{}", headers=signed(b"{}"))
        gate.set()
        assert [(await post).status_code for post in posts] == [401] * 5
    assert small.status_code == 202 and most == 2


async def test_a_connection_that_ends_in_the_body_is_counted(inbox: MemoryInbox) -> None:
    app = FastAPI()
    app.include_router(webhook_router(lambda: inbox, lambda: [SECRET]))
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return dict(next(messages))

    async def send(message: MutableMapping[str, object]) -> None:
        sent.append(dict(message))

    scope = {"type": "http", "method": "POST", "path": "/webhooks/github", "headers": [], "query_string": b"", "asgi": {"version": "3.0"}}
    await app(scope, receive, send)
    assert [message.get("status") for message in sent if message["type"] == "http.response.start"] == [400]
    assert (inbox.accepted, inbox.counted) == ([], [("unknown", "disconnected")])
