"""`/mcp`: the Model Context Protocol over HTTP, with an API token. The first request with a token imports the SDK."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from app.configuration.listen_address import is_loopback
from app.configuration.settings import Settings
from app.web.security import own_origin
from app.web.sessions import desk_of

if TYPE_CHECKING:
    from app.authorization.api_tokens import Tokens

PATH = "/mcp"
_HERE = ("127.0.0.1", "localhost", "[::1]")


class McpEndpoint:
    """Checks the API token and passes the request to the protocol."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        services, (kind, _, secret) = desk_of(request), request.headers.get("authorization", "").partition(" ")
        tokens: Tokens = services.tokens
        if kind.lower() != "bearer" or await tokens.holder(secret.strip()) is None:
            refused = JSONResponse({"message": "Send an API token; create one on the page /tokens."}, 401, {"www-authenticate": "Bearer"})
            await refused(scope, receive, send)
            return
        if scope["method"] != "POST":
            # There are no sessions, so there is no stream to open or close.
            await JSONResponse({"message": "Only POST is supported here."}, 405, {"allow": "POST"})(scope, receive, send)
            return
        # The import takes a second; other requests are answered meanwhile.
        await asyncio.to_thread(_load)
        from app.mcp.hosted import hosted_server
        from app.mcp.http import Reached, answer
        from app.requests.token_repository import Holding

        request.state.holding = Holding(services, secret.strip())
        await answer(
            hosted_server(), Reached(hosts(services.settings, scope), (own_origin(services.settings, scope),)), scope, receive, send
        )


def hosts(settings: Settings, scope: Scope) -> tuple[str, ...]:
    """The allowed Host headers. Any header is allowed if other machines reach this server and PUBLIC_URL is not set."""
    here = tuple(f"{name}{port}" for name in _HERE for port in ("", ":*"))
    if settings.public_url:
        place = urlsplit(settings.public_url)
        return (*here, place.netloc, place.hostname or "")
    return here if is_loopback(settings.host) else (*here, Request(scope).headers.get("host", ""))


def _load() -> None:
    """Import the SDK and build the server, once."""
    from app.mcp.hosted import hosted_server

    hosted_server()


router = APIRouter()
router.add_route(PATH, McpEndpoint(), include_in_schema=False)  # type: ignore[arg-type]
