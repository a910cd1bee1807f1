"""Git's door: the child process that fetches a mirror, redirected by its server or by a submodule, under each spelling of this machine.

Audit events do not cover other programs, so the URLs name a port on which only a private service listens.
"""

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import CouncilError
from app.git.fetching import FetchLimits, GitRemote, fetch
from benchmarks.network import Network

_THIS_MACHINE = ("127.", "7f", "2130706433", "017700000001", "localhost")


async def strike(network: Network, urls: Sequence[str]) -> Counter[str]:
    """Fetch from servers that redirect to `urls`; connections to the private service are recorded in `network`."""
    met, asked, target = list[str](), list[str](), [""]

    async def private(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            met.append((await reader.readuntil(b"\n")).decode("latin-1"))
        writer.close()

    async def leading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            asked.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            status = (301, 302, 307, 308)[len(asked) % 4]
            writer.write(f"HTTP/1.1 {status} Moved\r\nlocation: {target[0]}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        writer.close()

    inside = await asyncio.start_server(private, "127.0.0.1", 0)
    outside = await asyncio.start_server(leading, "127.0.0.1", 0)
    async with inside, outside:
        port, away = (server.sockets[0].getsockname()[1] for server in (inside, outside))
        for url in _of_this_machine(urls, port):
            target[0] = url
            with tempfile.TemporaryDirectory() as folder, contextlib.suppress(CouncilError):
                remote = GitRemote(f"http://127.0.0.1:{away}/acme/shop.git", "ghs_0123456789abcdef")
                await fetch(remote, ["0" * 40], Path(folder) / "mirror.git", FetchLimits(seconds=20))
    network.inside += [f"git: {line}" for line in met]
    return Counter({"fetching a mirror": len(asked)})


def _of_this_machine(urls: Sequence[str], port: int) -> list[str]:
    """The URLs that lead to this machine, with the port of the private service."""
    found = []
    for url in urls:
        with contextlib.suppress(ValueError):
            parts = urlsplit(url)
            host = parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}") if parts.port else parts.netloc.rpartition("@")[2]
            if parts.scheme.lower() == "http" and any(sign in host.lower() for sign in _THIS_MACHINE):
                found.append(f"http://{host}:{port}/info/refs")
    return list(dict.fromkeys(found))
