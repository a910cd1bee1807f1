"""Forged, broken, oversized and replayed deliveries against a real server: none is accepted, none has an effect."""

import asyncio
import hashlib
import hmac
import random
import sqlite3
import tempfile
from pathlib import Path

from benchmarks import server
from benchmarks.deliveries import pull_request, request, send
from benchmarks.options import Options, progress

_MEBI = 1024 * 1024


def run(options: Options) -> dict[str, object]:
    count = options.n or (300 if options.small else 10_000)
    dice = random.Random(options.seed)
    port = server.free_port()
    with tempfile.TemporaryDirectory() as data:
        environment = {"APP_ID": "1", "PRIVATE_KEY": server.pem(), "WEBHOOK_SECRET": server.SECRET, "COUNCIL_DATA": data, "PORT": str(port)}
        with server.process("web", {**environment, "DATABASE_URL": ""}):
            server.wait_for(f"http://127.0.0.1:{port}/healthz")
            progress(f"{count} forged deliveries")
            forged = [_forge(dice, port, index) for index in range(count)]
            bad = asyncio.run(send(port, forged, 16))
            progress("5 bodies above 25 MB, with and without a length")
            large = [asyncio.run(_oversized(port, declared=declared)) for declared in (True, True, False, False, True)]
            before = _rows(data)
            progress(f"{count // 10} deliveries, each sent three times")
            good = [request(port, pull_request(index, f"{index:040x}"), server.SECRET, f"guid-{index}") for index in range(count // 10)]
            first = asyncio.run(send(port, good, 16))
            after = _rows(data)
            again = asyncio.run(send(port, good + good, 16))
            effects = _rows(data)[0] - after[0] + (_rows(data)[1] - after[1])
    measured: dict[str, object] = {
        "forged": len(bad) + len(large),
        "accepted_bad": sum(answer.status != 401 for answer in bad) + sum(status != 413 for status in large),
        "effects": before[0] + before[1] + effects,
        "replayed": len(again),
        "replayed_not_200": sum(answer.status != 200 for answer in again),
        "refused_good": sum(answer.status != 202 for answer in first),
    }
    names = ("accepted_bad", "effects", "replayed_not_200", "refused_good")
    return measured | {"failed": [name for name in names if measured[name]]}


def _forge(dice: random.Random, port: int, index: int) -> bytes:
    """A delivery whose signature is wrong in one of ten ways; the body is right, or no JSON at all."""
    body = dice.choice([pull_request(index, f"{index:040x}"), b"{", b"", b"[" * 5000])
    right = hmac.new(server.SECRET.encode(), body, hashlib.sha256).hexdigest()
    sha1 = hmac.new(server.SECRET.encode(), body, hashlib.sha1).hexdigest()
    flipped = right[:-1] + ("0" if right[-1] != "0" else "1")
    signature = dice.choice(
        [
            "",
            "sha256=",
            f"sha1={sha1}",
            right,
            f"sha256={right[:-2]}",
            f"sha256={flipped}",
            f"sha256={right}00",
            f"SHA256={right}",
            f"sha256={hmac.new(b'', body, hashlib.sha256).hexdigest()}",
            f"sha256={hmac.new(server.SECRET.encode(), body + b' ', hashlib.sha256).hexdigest()}",
        ]
    )
    raw = request(port, body, server.SECRET, f"forged-{index}")
    return raw.replace(f"sha256={right}".encode(), signature.encode(), 1)


async def _oversized(port: int, *, declared: bool) -> int:
    """The status of a body above the cap; without a declared length it is sent in chunks until the server has had enough."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    length = f"Content-Length: {26 * _MEBI}" if declared else "Transfer-Encoding: chunked"
    writer.write(f"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: sha256=00\r\n{length}\r\n\r\n".encode())
    try:
        for _ in range(0 if declared else 26):
            writer.write(f"{_MEBI:x}\r\n".encode() + b"x" * _MEBI + b"\r\n")
            await writer.drain()
    except ConnectionError:
        pass
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


def _rows(data: str) -> tuple[int, int]:
    """How many deliveries and jobs are stored."""
    with sqlite3.connect(f"file:{Path(data) / 'council.db'}?mode=ro", uri=True) as connection:
        deliveries, jobs = (connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("delivery", "job"))
    return deliveries, jobs
