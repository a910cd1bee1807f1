"""The health and metrics port of a worker, which has no pages. Change here what probes and scrapers get."""

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.configuration.listen_address import require_free_port
from app.configuration.settings import Settings
from app.services.worker import WorkerServices
from app.telemetry.telemetry import Telemetry
from app.web.server import serve_aside


class WorkerPort:
    """Answers /healthz, /readyz and /metrics. Like METRICS_PORT it needs no token, so keep it inside your network."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._services: WorkerServices | None = None
        self.app = Starlette(
            routes=[Route("/healthz", self._healthz), Route("/readyz", self._readyz), Route("/metrics", self._metrics)],
        )

    def note_open(self, services: WorkerServices) -> None:
        """Record that the worker has its services and runs jobs."""
        self._services = services

    async def _healthz(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _readyz(self, _: Request) -> Response:
        problems = []
        if self._services is None:
            problems.append("the worker has not started yet, or is waiting for the set-up")
        elif problem := await self._services.database.problem():
            problems.append(f"the database cannot be written: {problem}")
        return JSONResponse({"ready": not problems, "problems": problems}, status_code=503 if problems else 200)

    async def _metrics(self, _: Request) -> Response:
        return Response(self._telemetry.scrape(), media_type="text/plain; version=0.0.4; charset=utf-8")


@contextlib.asynccontextmanager
async def open_worker_port(settings: Settings, telemetry: Telemetry) -> AsyncIterator[WorkerPort]:
    """The port. It listens inside the block if WORKER_PORT is set."""
    port = WorkerPort(telemetry)
    if not settings.worker_port:
        yield port
        return
    require_free_port(settings.host, settings.worker_port)
    async with serve_aside(port.app, settings.host, settings.worker_port):
        yield port
