"""Measure every request of the web process. Change here which requests count as pages and how they are named."""

import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.telemetry.telemetry import Telemetry
from app.telemetry.timings import ACK, PAGE
from app.telemetry.tracer import TraceStep

WEBHOOK = "/webhooks/github"
# Paths that are their own pattern. FastAPI has no route for the second.
_WHOLE = (WEBHOOK, "/mcp")
# Probes run every few seconds and say nothing about pages.
_PROBES = ("/healthz", "/readyz", "/metrics")


class Observer:
    """Times each request from arrival to the first byte of the response, and starts a trace.

    It does not continue a trace that a request names, because anybody can send one.
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
                    # The framework answers Council's own errors outside of this middleware.
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
                # The signature is valid, or the delivery would have been rejected.
                headers = Headers(scope=scope)
                step.describe({f"council.{name}": headers.get(f"x-github-{name}", "")[:60] for name in ("event", "delivery")})
        else:
            self._telemetry.observe(PAGE, seconds, route=route, status=family)
        _log(scope, route, status, seconds)


def _log(scope: Scope, route: str, status: int, seconds: float) -> None:
    """Log one event per request, without the query, which can contain a token. An accepted delivery already has an event."""
    # Imported here because structlog imports rich, which takes 0.15 s.
    import structlog

    log = structlog.get_logger(__name__)
    say = log.warning if status >= 500 else log.debug if route == WEBHOOK and status < 300 else log.info
    client = (scope.get("client") or ("",))[0]
    say("request", method=scope["method"], path=scope["path"], route=route, status=status, ms=round(seconds * 1_000, 1), client=client)


def route_of(scope: Scope) -> str:
    """The route pattern of a request, such as /runs/{run_id}. All other paths are "unmatched", because anybody can request any path."""
    if scope["path"] in _WHOLE:
        return str(scope["path"])
    return str(getattr(scope.get("route"), "path", "")) or "unmatched"
