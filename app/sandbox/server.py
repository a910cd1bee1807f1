"""The sandbox as one server on loopback, started and stopped in a `with` block."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.sandbox.control.routes import control_routes
from app.sandbox.github.limits import SandboxLimits
from app.sandbox.github.routes import all_routes
from app.sandbox.github.service import SandboxGitHub
from app.sandbox.github.shapes.links import Links
from app.sandbox.github.smart_http import SmartHttp
from app.sandbox.github.world import World, make_app, read_process_key
from app.sandbox.local_server import LocalServer
from app.sandbox.log import Log
from app.sandbox.pages.routes import page_routes
from app.sandbox.providers.service import Providers

HOST = "127.0.0.1"


class _Protocol(H11Protocol):
    """Passes the connection to the application, which resets it for a fault."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


@dataclass
class Sandbox:
    """A running GitHub with model providers."""

    port: int
    world: World
    github: SandboxGitHub
    providers: Providers

    @property
    def web_url(self) -> str:
        """The address of the pages."""
        return f"http://{HOST}:{self.port}"

    @property
    def api_url(self) -> str:
        """The root of the REST API."""
        return f"{self.web_url}/api/v3"

    @property
    def log(self) -> Log:
        """Every request to the GitHub."""
        return self.github.log

    def provider_url(self, vendor: str) -> str:
        """The base URL for a client of that vendor."""
        tail = {"openai": "/v1", "openrouter": "/v1", "hosted_vllm": "/v1", "lm_studio": "/v1", "gemini": "/v1beta"}
        return f"{self.web_url}/models/{vendor}{tail.get(vendor, '')}"

    def environment(self) -> dict[str, str]:
        """The environment for a Council server in this sandbox."""
        app, keys = self.world.app, self.providers.keys
        found = {
            "GITHUB_API_URL": self.api_url,
            "APP_ID": str(app.id),
            "APP_SLUG": app.slug,
            "PRIVATE_KEY": app.private_key,
            "WEBHOOK_SECRET": app.webhook_secret,
            "GITHUB_CLIENT_ID": app.client_id,
            "GITHUB_CLIENT_SECRET": app.client_secret,
            "METRICS_TOKEN": f"metrics-{app.webhook_secret[:16]}",
            "OLLAMA_BASE_URL": self.provider_url("ollama"),
        }
        for vendor, key in keys.items():
            found[f"{vendor.upper()}_API_KEY"] = key
            found[f"{vendor.upper()}_BASE_URL"] = self.provider_url(vendor)
        return found

    async def settled(self) -> None:
        """Wait until no webhook is in flight."""
        await self.github.webhook_sender.settled()

    @classmethod
    @contextlib.asynccontextmanager
    async def start(
        cls, port: int = 0, *, webhook_url: str = "", limits: SandboxLimits | None = None, private_key: str = ""
    ) -> AsyncIterator["Sandbox"]:
        """Serve on a loopback port (0 picks one) until the block ends. Without a key, the App uses the process's own."""
        # With an explicit protocol, asyncio sets TCP_NODELAY. Otherwise every answer waits 40 ms for an ACK.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        chosen = cast(int, listener.getsockname()[1])
        links = Links(f"http://{HOST}:{chosen}/api/v3", f"http://{HOST}:{chosen}", f"http://localhost:{chosen}")
        world = World(make_app(private_key or read_process_key()))
        world.app.webhook_url = webhook_url
        github = SandboxGitHub(world, links, all_routes(), limits or SandboxLimits(), log=Log(time.monotonic))
        sandbox = cls(chosen, world, github, Providers())
        git = SmartHttp(github)
        await github.webhook_sender.open()
        try:
            async with LocalServer(_config(sandbox, git)).run_on(listener):
                yield sandbox
        finally:
            await github.webhook_sender.close()
            git.close()


def _config(sandbox: Sandbox, git: SmartHttp) -> uvicorn.Config:
    return uvicorn.Config(
        _application(sandbox, git),
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_level="critical",
        timeout_graceful_shutdown=1,
        # Longer than clients keep an idle connection (httpx: 5 s). With equal times, one side would close a connection as the other writes
        # to it.
        timeout_keep_alive=60,
    )


def _application(sandbox: Sandbox, git: SmartHttp) -> Starlette:
    async def log_file(request: Request) -> Response:
        """A job's log behind its one-minute link. The link is signed, so the store accepts no token and refuses a request with both.

        https://github.com/actions/toolkit/issues/1305
        """
        if "authorization" in request.headers:
            return PlainTextResponse("Only one auth mechanism allowed", 400)
        expires, text = sandbox.github.log_links.get(request.path_params["ticket"], (0.0, ""))
        if expires <= sandbox.world.now().timestamp():
            return PlainTextResponse("Gone", 410)
        return PlainTextResponse(text)

    routes = [
        Mount("/api/v3", app=sandbox.github),
        Mount("/api", app=sandbox.github),
        Mount("/models", app=sandbox.providers),
        Route("/_logs/{ticket}", log_file),
        Mount("/_sandbox", routes=control_routes(sandbox)),
        *git.routes(),
        *page_routes(sandbox),
    ]
    return Starlette(routes=routes)
