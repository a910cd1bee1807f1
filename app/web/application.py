"""The HTTP application: webhooks in, health and metrics out, and the pages."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from app.services.observing import build_telemetry
from app.settings import Settings
from app.web.errors import add_error_pages
from app.web.observing import Observer
from app.web.security import Guard
from webhooks.router import Inbox, webhook_router

if TYPE_CHECKING:
    from app.services.intake import Intake
    from app.store.intake import Debounce


def create_app(settings: Settings, debounce: "Debounce | None" = None, *, into_log: bool = False) -> FastAPI:
    """The application; its services open with its lifespan. `into_log` says that standard error is a log, which no token enters."""
    telemetry = build_telemetry(settings, "web")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # SQLAlchemy costs more to import than the rest together; a process that only asks for the routes needs none of it.
        from app.services.desk import open_desk
        from app.services.enrolment import tell_console
        from app.services.intake import open_intake

        async with open_intake(settings, telemetry, debounce) as opened, open_desk(settings, opened.database, opened.clock) as desk:
            app.state.intake, app.state.desk = opened, desk
            await tell_console(desk, is_log=into_log)
            yield
        # What was not sent yet may take some seconds where the collector does not answer.
        await asyncio.to_thread(telemetry.tracer.close)

    app = FastAPI(title="Council", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    def intake() -> "Intake":
        opened: Intake = app.state.intake
        return opened

    def current() -> Settings:
        """What is told by the environment, and then by the set-up page."""
        found: Settings = app.state.desk.settings if hasattr(app.state, "desk") else settings
        return found

    def inbox() -> Inbox:
        return intake().inbox

    app.include_router(webhook_router(inbox, lambda: current().webhook_secrets, lambda: current().app_slug))
    _add_health(app)
    # The pages know the database; whoever only imports this package does without.
    from app.web.routes import ROUTERS

    for router in ROUTERS:
        app.include_router(router)
    add_error_pages(app)
    app.add_middleware(Guard, settings=current)
    # Added last, so it stands before the guard: what that refuses took time too.
    app.add_middleware(Observer, telemetry=telemetry)
    return app


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz")
    async def healthz() -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    async def readyz(request: Request) -> Response:
        """The process can do its work: the database takes changes, and the App is set up."""
        intake: Intake = request.app.state.intake
        problems = [] if request.app.state.desk.settings.is_set_up else ["the GitHub App is not set up: open /setup"]
        if problem := await intake.database.problem():
            problems.append(f"the database takes no changes: {problem}")
        # A worker that may not act as the App is no reason to turn deliveries away here: others may do the work, or it, later.
        workers = [] if problems else await intake.refused_workers()
        return JSONResponse({"ready": not problems, "problems": problems, "workers": workers}, status_code=503 if problems else 200)

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Prometheus metrics, for who sends METRICS_TOKEN. Where a request came from proves nothing behind a proxy of the same host."""
        token = request.app.state.desk.settings.metrics_token
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or not hmac.compare_digest(sent.encode(), token.encode()):
            words = "Metrics are answered with the token of METRICS_TOKEN, or on METRICS_PORT."
            return JSONResponse({"message": words}, 401, {"www-authenticate": "Bearer"})
        return await _metrics(request.app)


def create_metrics_app(app: FastAPI) -> FastAPI:
    """The metrics of an application, without a token, for a port that only the operator's network reaches."""
    alone = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @alone.get("/metrics")
    async def metrics() -> Response:
        """Prometheus metrics."""
        return await _metrics(app)

    return alone


async def _metrics(app: FastAPI) -> Response:
    """Deliveries and durations of this process; jobs, runs, model calls and spend of the whole instance."""
    from prometheus_client import generate_latest

    from app.web.metrics import registry_of

    intake: Intake = app.state.intake
    text = intake.telemetry.scrape() + generate_latest(registry_of(await intake.figures()))
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
