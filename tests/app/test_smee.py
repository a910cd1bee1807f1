"""A smee channel on loopback: its events reach the webhook route as GitHub signed them, and a lost channel is reconnected."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.github.manifest import manifest
from app.sandbox.github.webhook_sender import DeliveryMode
from app.smee import TooLong, delivery_of, follow, messages
from app.store.health import deliveries
from tests.stories.harness import DIVISION, open_system


@dataclass
class Channel:
    """Sends its events to every client that connects, then closes. `refusals` is how many times it answers 503 first."""

    events: list[str]
    refusals: int = 0
    asked: int = 0
    url: str = ""
    empty: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        refused = self.asked <= self.refusals
        writer.write(b"HTTP/1.1 503 Away\r\n" if refused else b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
        writer.write(b"Connection: close\r\n\r\n")
        while not refused and self.events:
            for piece in _halves(self.events.pop(0).encode()):
                writer.write(piece)
                await writer.drain()
        writer.close()
        await writer.wait_closed()
        if not self.events:
            self.empty.set()


def _halves(text: bytes) -> tuple[bytes, bytes]:
    return text[: len(text) // 2], text[len(text) // 2 :]


@contextlib.asynccontextmanager
async def listening(channel: Channel) -> AsyncIterator[Channel]:
    server = await asyncio.start_server(channel.answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    channel.url = f"http://{host}:{port}/channel"
    async with server:
        yield channel


class Slept:
    """Passes no time, and lets the test continue after so many pauses."""

    def __init__(self, most: int) -> None:
        self.pauses: list[float] = []
        self.most, self.over = most, asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) >= self.most:
            self.over.set()
            await asyncio.Event().wait()


async def followed(channel: Channel, target: str, pauses: int) -> list[float]:
    slept = Slept(pauses)
    task = asyncio.create_task(follow(channel.url, target, slept))
    try:
        async with asyncio.timeout(20):
            await slept.over.wait()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return slept.pauses


def said(headers: dict[str, str], body: bytes) -> str:
    told = {name.lower(): value for name, value in headers.items()} | {"host": "smee.io", "query": {}, "timestamp": 1}
    return f"id: 1\ndata: {json.dumps(told | {'body': json.loads(body)})}\n\n"


async def test_a_delivery_on_the_channel_becomes_a_review(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        system.script([DIVISION], [DIVISION], [])
        system.sandbox.github.webhook_sender.mode = DeliveryMode.HOLD
        pull = system.open(author="zoë")
        taken = [(headers, delivery.body) for delivery, headers in system.sandbox.github.webhook_sender.take()]
        forged = [(headers | {"X-GitHub-Delivery": "forged"}, body.replace(b"opened", b"edited")) for headers, body in taken]
        noise = ["event: ready\ndata: {}\n\n", ": comment\n\n", "event: ping\ndata: {}\n\n", "data: [\n\n", 'data: {"body": 1}\n\n']
        events = [*noise, *(said(headers, body) for headers, body in [*forged, *taken, *taken])]
        async with listening(Channel(events)) as channel:
            await followed(channel, f"{system.url}/webhooks/github", 1)
        system.sandbox.github.webhook_sender.mode = DeliveryMode.SEND
        await system.settle()
        assert len(system.comments(pull)) == 1
        async with system.services.database.read() as connection:
            guids = [each.guid for each in await deliveries(connection)]
        assert "forged" not in guids and {headers["X-GitHub-Delivery"] for headers, _ in taken} <= set(guids)


async def test_an_unreachable_channel_is_retried_with_growing_delays() -> None:
    """The longest delay is a minute."""
    async with listening(Channel([], refusals=99)) as channel:
        assert await followed(channel, "http://127.0.0.1:1/", 7) == [1.0, 2.0, 5.0, 15.0, 60.0, 60.0, 60.0]
        assert channel.asked == 7


async def test_an_event_resets_the_delays() -> None:
    async with listening(Channel(["event: ready\ndata: {}\n\n"], refusals=2)) as channel:
        assert await followed(channel, "http://127.0.0.1:1/", 4) == [1.0, 2.0, 1.0, 2.0]


async def test_a_missing_route_is_tried_a_few_times() -> None:
    async with listening(Channel([said({"x-github-event": "ping"}, b"{}")])) as channel:
        assert await followed(channel, "http://127.0.0.1:1/webhooks/github", 6) == [0.2, 1.0, 5.0, 15.0, 1.0, 2.0]


async def test_an_endless_event_is_dropped() -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"data: "
        for _ in range(30):
            yield b"x" * 1_000_000

    with pytest.raises(TooLong):
        [event async for event in messages(endless())]


@pytest.mark.parametrize(
    ("chunks", "events"),
    [
        ([b"data: a\n\ndata: b\n\n"], ["a", "b"]),
        ([b"da", b"ta: a\r", b"\n\r\n"], ["a"]),
        ([b"data: a\ndata: b\n\n"], ["a\nb"]),
        ([b"data:\xff\n\n"], ["\ufffd"]),
        ([b": comment\nid: 1\n\ndata: never ended"], []),
    ],
)
async def test_events_are_parsed_from_any_chunks(chunks: list[bytes], events: list[str]) -> None:
    async def coming() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    assert [event async for event in messages(coming())] == events


def test_only_deliveries_of_github_are_passed_on() -> None:
    told = {
        "x-github-event": "ping",
        "x-hub-signature-256": "sha256=a",
        "cookie": "c",
        "x-github-odd": "a\r\nb",
        "body": {"é": [1, 2.5, None]},
    }
    assert delivery_of(json.dumps(told)) == ({"x-github-event": "ping", "x-hub-signature-256": "sha256=a"}, '{"é":[1,2.5,null]}'.encode())
    for text in ("", "[]", "{}", '{"body": []}', "[" * 100_000):
        assert delivery_of(text) is None


def test_the_app_is_registered_with_the_channel() -> None:
    told = json.loads(manifest("Council", "https://here.example", "https://smee.io/channel"))
    assert told["hook_attributes"]["url"] == "https://smee.io/channel" and told["redirect_url"].startswith("https://here.example/")
