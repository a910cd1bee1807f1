"""Build the HTTP application: webhooks, health checks, metrics and pages. Add routers and middleware here."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from app.configuration.settings import Settings
from app.operations.telemetry import build_telemetry
from app.web.errors import add_error_pages
from app.web.observing import Observer
from app.web.security import Guard
from webhooks.router import Inbox, webhook_router

if TYPE_CHECKING:
    from app.services.web import WebIntake
    from app.store.queue.deliveries import Debounce


def create_app(settings: Settings, debounce: "Debounce | None" = None, *, into_log: bool = False) -> FastAPI:
    """The application; its lifespan opens its services. `into_log`: standard error is a log, so no token is printed there."""
    telemetry = build_telemetry(settings, "web")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # SQLAlchemy takes longer to import than everything else together; a process that only needs the routes does without.
        from app.services.web import open_web_intake, open_web_services
        from app.web.admin_token import tell_console

        async with (
            open_web_intake(settings, telemetry, debounce) as intake,
            open_web_services(settings, intake.database, intake.clock) as services,
        ):
            app.state.intake, app.state.services = intake, services
            await tell_console(services, is_log=into_log)
            yield
        # Flushing can take some seconds if the collector does not answer.
        await asyncio.to_thread(telemetry.tracer.close)

    app = FastAPI(title="Council", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    def intake() -> "WebIntake":
        opened: WebIntake = app.state.intake
        return opened

    def current() -> Settings:
        """The settings from the environment, and from the set-up page once it was used."""
        found: Settings = app.state.services.settings if hasattr(app.state, "services") else settings
        return found

    def inbox() -> Inbox:
        return intake().inbox

    app.include_router(webhook_router(inbox, lambda: current().webhook_secrets, lambda: current().app_slug))
    _add_health(app)
    # The pages import the database; other importers of this package do not need it.
    from app.web.routes import ROUTERS

    for router in ROUTERS:
        app.include_router(router)
    add_error_pages(app)
    app.add_middleware(Guard, settings=current)
    # Added last, so it runs before the guard and also measures refused requests.
    app.add_middleware(Observer, telemetry=telemetry)
    return app


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz")
    async def healthz() -> Response:
        """Whether the process is alive."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    async def readyz(request: Request) -> Response:
        """Whether the process is ready: the database can be written, and the App is set up."""
        intake: WebIntake = request.app.state.intake
        problems = [] if request.app.state.services.settings.is_set_up else ["the GitHub App is not set up: open /setup"]
        if problem := await intake.database.problem():
            problems.append(f"the database cannot be written: {problem}")
        # A worker without valid credentials does not make this process unready, because any worker can do the jobs later.
        workers = [] if problems else await intake.refused_workers()
        return JSONResponse({"ready": not problems, "problems": problems, "workers": workers}, status_code=503 if problems else 200)

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Prometheus metrics for requests with METRICS_TOKEN. Behind a proxy on the same host, a request's address proves nothing."""
        token = request.app.state.services.settings.metrics_token
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or not hmac.compare_digest(sent.encode(), token.encode()):
            words = "Send the value of METRICS_TOKEN as a bearer token, or use METRICS_PORT."
            return JSONResponse({"message": words}, 401, {"www-authenticate": "Bearer"})
        return await _metrics(request.app)


def create_metrics_app(app: FastAPI) -> FastAPI:
    """The metrics without a token, for a port that only the operator's network can reach."""
    alone = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @alone.get("/metrics")
    async def metrics() -> Response:
        """Prometheus metrics."""
        return await _metrics(app)

    return alone


async def _metrics(app: FastAPI) -> Response:
    """This process's deliveries and durations, and the instance's jobs, runs, model calls and costs."""
    from prometheus_client import generate_latest

    from app.web.metrics import registry_of

    intake: WebIntake = app.state.intake
    text = intake.telemetry.scrape() + generate_latest(registry_of(await intake.figures()))
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
