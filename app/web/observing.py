"""Measures every request of the web process: change here what counts as a page, and what a request is called."""

import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.telemetry.telemetry import Telemetry
from app.telemetry.timings import ACK, PAGE
from app.telemetry.tracer import TraceStep

WEBHOOK = "/webhooks/github"
# Paths that are their own pattern; of the second no route of FastAPI tells.
_WHOLE = (WEBHOOK, "/mcp")
# What machines ask every few seconds says nothing about pages.
_PROBES = ("/healthz", "/readyz", "/metrics")


class Observer:
    """Times each request from its arrival to the first byte of its answer, and begins a trace with it.

    A trace that a request names is not gone on with: anybody may send one.
    """

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _PROBES:
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0
        with self._telemetry.tracer.span(scope["method"], {"http.request.method": scope["method"]}, role="server") as step:

            async def watched(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    self._count(scope, status, time.monotonic() - began, step)
                await send(message)

            try:
                await self._app(scope, receive, watched)
            finally:
                if not status:
                    # The framework answers an error of ours outside of this.
                    self._count(scope, 500, time.monotonic() - began, step)

    def _count(self, scope: Scope, status: int, seconds: float, step: TraceStep) -> None:
        route, family = route_of(scope), f"{status // 100}xx"
        step.rename(f"{scope['method']} {route}")
        step.describe({"http.route": route, "http.response.status_code": status})
        if status >= 500:
            step.fail(str(status))
        if route == WEBHOOK:
            self._telemetry.observe(ACK, seconds, status=family)
            if status < 300:
                # Signed, or it would not have been taken.
                headers = Headers(scope=scope)
                step.describe({f"council.{name}": headers.get(f"x-github-{name}", "")[:60] for name in ("event", "delivery")})
        else:
            self._telemetry.observe(PAGE, seconds, route=route, status=family)
        _log(scope, route, status, seconds)


def _log(scope: Scope, route: str, status: int, seconds: float) -> None:
    """One event per request, without its query, which may hold a token; an accepted delivery has an event already."""
    # structlog brings rich along, and 0.15 s of imports that only a request needs.
    import structlog

    log = structlog.get_logger(__name__)
    say = log.warning if status >= 500 else log.debug if route == WEBHOOK and status < 300 else log.info
    client = (scope.get("client") or ("",))[0]
    say("request", method=scope["method"], path=scope["path"], route=route, status=status, ms=round(seconds * 1_000, 1), client=client)


def route_of(scope: Scope) -> str:
    """The pattern that a request's path matched, such as /runs/{run_id}; anybody may ask for any path, so others are one."""
    if scope["path"] in _WHOLE:
        return str(scope["path"])
    return str(getattr(scope.get("route"), "path", "")) or "unmatched"
