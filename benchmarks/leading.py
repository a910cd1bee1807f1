"""A host that redirects: it sends a request to another URL, directly or through a public host, or links to further pages there."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from benchmarks.addresses import API, MODELS, OUTSIDE

# Through a public host, which redirects last.
CHAIN = f"http://{OUTSIDE}/chain"
_BODY_WAIT_S = 5.0


@dataclass
class LeadingHost:
    """`status` 200 answers `body`, any other redirects; `link` is the header for paging."""

    url: str = ""
    status: int = 302
    link: str = ""
    body: str = "[]"
    is_chained: bool = False
    asked: list[str] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer, and the end of the connection."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, TimeoutError, asyncio.LimitOverrunError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            async with asyncio.timeout(_BODY_WAIT_S):
                await reader.readexactly(int(fields.get("content-length", "0")))
            host, path = fields.get("host", "").partition(":")[0], head.split(" ", 2)[1]
            self.asked.append(f"{host}{path}")
            writer.write(self._answer(host, path))
            await writer.drain()
        writer.close()

    def _answer(self, host: str, path: str) -> bytes:
        if host not in (API, MODELS) and path != "/chain":
            return _response(200, "text/plain", "a log\n")
        location = CHAIN if self.is_chained and path != "/chain" else self.url
        if self.status == 200 and path != "/chain":
            return _response(200, "application/json", self.body, link=self.link)
        return _response(302 if path == "/chain" else self.status, "application/json", "{}", location=location)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Serve on a port of loopback."""
        server = await asyncio.start_server(self, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]


def _response(status: int, media: str, body: str, **fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Answer", f"content-type: {media}", f"content-length: {len(body.encode())}", "connection: close"]
    lines += [f"{name}: {value}" for name, value in fields.items() if value]
    return "\r\n".join([*lines, "", body]).encode("utf-8")
