"""Sends forged, broken, oversized and replayed deliveries to a real server: none is accepted, none has an effect."""

import asyncio
import hashlib
import hmac
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import raw_sql, server
from benchmarks.bars import Bar, Count, exactly, judged
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
            kinds = [tuple(_FORGERIES)[index % len(_FORGERIES)] for index in range(count)]
            bad = asyncio.run(send(port, [_forge(dice, port, index, kind) for index, kind in enumerate(kinds)], 16))
            progress("5 bodies above 25 MB, with and without a length")
            large = [asyncio.run(_oversized(port, declared=declared)) for declared in (True, True, False, False, True)]
            before = _rows(data)
            progress(f"{count // 10} deliveries, each sent four times, the last time under another id")
            bodies = [pull_request(index, f"{index:040x}") for index in range(count // 10)]
            good = [request(port, body, server.SECRET, f"guid-{index}") for index, body in enumerate(bodies)]
            first = asyncio.run(send(port, good, 16))
            after = _rows(data)
            again = asyncio.run(send(port, good + good, 16))
            known = _rows(data)
            # The id of a delivery is not signed: an attacker who replays a body may change it.
            asyncio.run(send(port, [request(port, body, server.SECRET, f"other-{index}") for index, body in enumerate(bodies)], 16))
            renamed = _rows(data)
    measured: dict[str, object] = {
        "forged": len(bad) + len(large),
        "accepted_bad": sum(answer.status != 401 for answer in bad) + sum(status != 413 for status in large),
        "effects": sum(before) + known[0] - after[0] + known[1] - after[1] + renamed[1] - known[1],
        "replayed": len(again),
        "replayed_not_200": sum(answer.status != 200 for answer in again),
        "replayed_renamed": renamed[0] - known[0],
        "refused_good": sum(answer.status != 202 for answer in first),
        "stored": after[0] - before[0],
        "jobs": after[1] - before[1],
        "accepted_by_kind": {kind: count for kind, count in _accepted(kinds, [answer.status for answer in bad]).items() if count},
    }
    return judged(options, measured, _bars(measured, Counter(kinds), count))


def _bars(measured: dict[str, Any], kinds: Counter[str], count: int) -> list[Bar]:
    """Every forgery must have been tried, and the replayed deliveries must have had an effect the first time."""
    counts = (
        Count("forged", measured["forged"], 1_000, small=300, asked=True),
        *(Count(f"forged_{kind}", kinds[kind], max(1, count // 20), small=max(1, count // 20)) for kind in _FORGERIES),
        *(Count(name, measured[name], max(1, count // 10), small=max(1, count // 10)) for name in ("stored", "jobs", "replayed_renamed")),
        Count("replayed", measured["replayed"], max(2, count // 5), small=max(2, count // 5)),
    )
    names = ("accepted_bad", "effects", "replayed_not_200", "refused_good")
    return [Bar(name, measured[name], exactly(0), counts) for name in names]


def _accepted(kinds: list[str], statuses: list[int]) -> Counter[str]:
    return Counter(kind for kind, status in zip(kinds, statuses, strict=True) if status != 401)


def _sha256(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _sha1(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def _flipped(right: str) -> str:
    return right[:-1] + ("0" if right[-1] != "0" else "1")


# The signature headers of a body under the secret, each wrong in one way.
_FORGERIES: dict[str, Callable[[str, bytes], str]] = {
    "unsigned": lambda secret, body: "",
    "blank": lambda secret, body: "X-Hub-Signature-256: \r\n",
    "no_digest": lambda secret, body: "X-Hub-Signature-256: sha256=\r\n",
    "sha1": lambda secret, body: f"X-Hub-Signature-256: sha1={_sha1(secret, body)}\r\n",
    "sha1_as_sha256": lambda secret, body: f"X-Hub-Signature-256: sha256={_sha1(secret, body)}\r\n",
    "sha1_header": lambda secret, body: f"X-Hub-Signature: sha1={_sha1(secret, body)}\r\n",
    "sha1_header_beside": lambda secret, body: f"X-Hub-Signature: sha1={_sha1(secret, body)}\r\nX-Hub-Signature-256: sha256=00\r\n",
    "bare": lambda secret, body: f"X-Hub-Signature-256: {_sha256(secret, body)}\r\n",
    "truncated": lambda secret, body: f"X-Hub-Signature-256: sha256={_sha256(secret, body)[:-2]}\r\n",
    "half": lambda secret, body: f"X-Hub-Signature-256: sha256={_sha256(secret, body)[:32]}\r\n",
    "flipped": lambda secret, body: f"X-Hub-Signature-256: sha256={_flipped(_sha256(secret, body))}\r\n",
    "longer": lambda secret, body: f"X-Hub-Signature-256: sha256={_sha256(secret, body)}00\r\n",
    "upper_case": lambda secret, body: f"X-Hub-Signature-256: SHA256={_sha256(secret, body)}\r\n",
    "no_secret": lambda secret, body: f"X-Hub-Signature-256: sha256={_sha256('', body)}\r\n",
    "other_secret": lambda secret, body: f"X-Hub-Signature-256: sha256={_sha256(secret + 's', body)}\r\n",
    "other_body": lambda secret, body: f"X-Hub-Signature-256: sha256={_sha256(secret, body + b' ')}\r\n",
}


def _forge(dice: random.Random, port: int, index: int, kind: str) -> bytes:
    """A delivery whose signature is wrong in one way; the body is valid, or no JSON at all."""
    body = dice.choice([pull_request(index, f"{index:040x}"), pull_request(index, f"{index:040x}"), b"{", b"", b"[" * 5000])
    right = f"X-Hub-Signature-256: sha256={_sha256(server.SECRET, body)}\r\n"
    raw = request(port, body, server.SECRET, f"forged-{index}")
    return raw.replace(right.encode(), _FORGERIES[kind](server.SECRET, body).encode(), 1)


async def _oversized(port: int, *, declared: bool) -> int:
    """The status of a body above the cap; without a declared length, it is sent in chunks until the server rejects it."""
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
    found = asyncio.run(raw_sql.rows("", Path(data), "SELECT (SELECT count(*) FROM delivery), (SELECT count(*) FROM job)"))
    return int(str(found[0][0])), int(str(found[0][1]))
