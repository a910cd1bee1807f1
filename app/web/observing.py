"""Measures every request of the web process: change here what counts as a page, and what a request is called."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.telemetry.telemetry import Telemetry
from app.telemetry.timings import ACK, PAGE

WEBHOOK = "/webhooks/github"
# What machines ask every few seconds says nothing about pages.
_PROBES = ("/healthz", "/readyz", "/metrics")


class Observer:
    """Times each request from its arrival to the first byte of its answer."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _PROBES:
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._count(scope, status, time.monotonic() - began)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            if not status:
                # The framework answers an error of ours outside of this.
                self._count(scope, 500, time.monotonic() - began)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        if scope["path"] == WEBHOOK:
            self._telemetry.observe(ACK, seconds, status=f"{status // 100}xx")
        else:
            self._telemetry.observe(PAGE, seconds, route=route_of(scope), status=f"{status // 100}xx")


def route_of(scope: Scope) -> str:
    """The pattern that a request's path matched, such as /runs/{run_id}; anybody may ask for any path, so others are one."""
    return str(getattr(scope.get("route"), "path", "")) or "unmatched"
