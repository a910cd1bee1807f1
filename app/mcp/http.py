"""Streamable HTTP for an MCP server, one request at a time: no session is kept, so any web process answers any request."""

import hmac
from dataclasses import dataclass
from typing import Any

from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True)
class Reached:
    """The hosts and origins that requests may name. Any other comes from a page that rebinds its DNS name to this server."""

    hosts: tuple[str, ...]
    origins: tuple[str, ...] = ()


async def answer(server: MCPServer[Any], reached: Reached, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request of the protocol."""
    security = TransportSecuritySettings(allowed_hosts=list(reached.hosts), allowed_origins=list(reached.origins))
    # A manager is for one task. Each request has its own, and what it started ends with it.
    server.streamable_http_app(stateless_http=True, transport_security=security)
    manager = server.session_manager
    async with manager.run():
        await manager.handle_request(scope, receive, send)


def on_loopback(server: MCPServer[Any], secret: str, port: int) -> ASGIApp:
    """An application for this machine only: /mcp, for callers with the secret, since every account of the machine reaches the port."""
    reached = Reached((f"127.0.0.1:{port}", f"localhost:{port}"))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        sent = Headers(scope=scope).get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(sent.encode(), secret.encode()):
            await PlainTextResponse("Send the token that `council mcp --http` printed.\n", 401, {"www-authenticate": "Bearer"})(
                scope, receive, send
            )
        elif scope["path"] != "/mcp":
            await PlainTextResponse("The only path is /mcp.\n", 404)(scope, receive, send)
        elif scope["method"] != "POST":
            await PlainTextResponse("Only POST is supported here.\n", 405, {"allow": "POST"})(scope, receive, send)
        else:
            await answer(server, reached, scope, receive, send)

    return app
