"""A 413 arrives as 413 even while the client is still sending."""

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.stories.harness import InProcessSystem, open_system
from webhooks.delivery import MAX_BODY


def send(system: InProcessSystem, path: str, size: int) -> bytes:
    """The status line for a client that sends its whole body before it reads, on one connection per request, as proxies do."""
    place = urlsplit(system.url)
    head = f"POST {path} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: {size}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((place.hostname or "", place.port or 0), 20) as connection:
        connection.sendall(f"{head}Connection: close\r\nSec-Fetch-Site: same-origin\r\n\r\n".encode())
        part = b"x" * 65_536
        for _ in range(size // len(part)):
            connection.sendall(part)
        connection.sendall(b"x" * (size % len(part)))
        return connection.recv(4_096).split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("path", "size"), [("/webhooks/github", MAX_BODY + 1), ("/webhooks/github", 60_000_000), ("/settings", 30_000_000)]
)
async def test_a_413_arrives(tmp_path: Path, path: str, size: int) -> None:
    async with open_system(tmp_path) as system:
        for _ in range(3):
            assert await asyncio.to_thread(send, system, path, size) == b"HTTP/1.1 413 Request Entity Too Large"
