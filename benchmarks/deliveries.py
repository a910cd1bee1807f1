"""Signed deliveries of a realistic size, and a client that sends many of them over persistent connections."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass

_FILLER = 28_000


@dataclass(frozen=True)
class Timed:
    """One answer: its status, the time of its request and its duration, in seconds."""

    status: int
    at: float
    seconds: float


def pull_request(number: int, head: str, action: str = "synchronize") -> bytes:
    """A `pull_request` payload of 28 kB; the filler replaces the parts that Council does not read."""
    payload = {
        "action": action,
        "number": number,
        "pull_request": {"number": number, "head": {"sha": head}, "body": "x" * 2000},
        "repository": {"id": 1000 + number % 7, "full_name": f"acme/shop-{number % 7}"},
        "sender": {"login": "ada", "type": "User"},
        "installation": {"id": 42},
        # As in GitHub's own: some 400 keys, most of them links.
        "links": {f"{i}_url": f"https://api.github.com/repos/acme/shop/{i}{{/sha}}" for i in range(400)},
    }
    raw = json.dumps(payload)
    return (raw[:-1] + ', "more": "' + "y" * max(0, _FILLER - len(raw)) + '"}').encode()


def request(port: int, body: bytes, secret: str, guid: str | None = None, event: str = "pull_request") -> bytes:
    """The bytes of one signed request."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST /webhooks/github HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"X-GitHub-Event: {event}\r\nX-GitHub-Delivery: {guid or uuid.uuid4()}\r\nX-Hub-Signature-256: sha256={signature}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True)
class WebUnderTest:
    """A web process that gets deliveries."""

    port: int
    pid: int
    secret: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def deliveries(self, seed: int, first: int, count: int, action: str = "synchronize") -> list[bytes]:
        """Signed requests about 500 pull requests."""
        numbers = [(first + n) % 500 for n in range(count)]
        heads = [hashlib.sha1(f"{seed}:{number}".encode()).hexdigest() for number in numbers]
        return [request(self.port, pull_request(number, head, action), self.secret) for number, head in zip(numbers, heads, strict=True)]


async def send(port: int, requests: list[bytes], connections: int) -> list[Timed]:
    """Send all of them as fast as that many connections allow."""
    waiting = iter(requests)
    answers: list[Timed] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for raw in waiting:
            answers.append(await _ask(reader, writer, raw))
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return answers


async def send_at(port: int, requests: list[bytes], over_seconds: float) -> list[Timed]:
    """Send them evenly over a time, each on a separate connection, without waiting for earlier answers."""

    async def one(index: int, raw: bytes) -> Timed:
        await asyncio.sleep(over_seconds * index / len(requests))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answer = await _ask(reader, writer, raw)
        writer.close()
        return answer

    return list(await asyncio.gather(*(one(index, raw) for index, raw in enumerate(requests))))


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> Timed:
    started = time.perf_counter()
    writer.write(raw)
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.split("content-length:")[1].split("\r\n")[0])
    await reader.readexactly(length)
    return Timed(int(head.split()[1]), started, time.perf_counter() - started)


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
