"""The HTTP application: webhooks in, health and metrics out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from app.settings import Settings
from webhooks.router import Inbox, webhook_router

if TYPE_CHECKING:
    from app.services.intake import Intake
    from app.store.intake import Debounce


def create_app(settings: Settings, debounce: "Debounce | None" = None) -> FastAPI:
    """The application; its services open with its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # SQLAlchemy costs more to import than the rest together; a process that only asks for the routes needs none of it.
        from app.services.intake import open_intake

        async with open_intake(settings, debounce) as opened:
            app.state.intake = opened
            yield

    app = FastAPI(title="Council", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    def intake() -> "Intake":
        opened: Intake = app.state.intake
        return opened

    def inbox() -> Inbox:
        return intake().inbox

    app.include_router(webhook_router(inbox, lambda: settings.webhook_secrets, lambda: settings.app_slug))
    _add_health(app)
    app.add_exception_handler(Exception, _ours)
    return app


async def _ours(_: Request, error: Exception) -> Response:
    """An error of ours: logged; GitHub records the delivery as failed, and it can be sent again."""
    # structlog brings rich along, and 0.15 s of imports that answering needs none of.
    import structlog

    structlog.get_logger(__name__).error("a request failed", exc_info=error)
    return JSONResponse({"message": "this server failed; the delivery was not recorded"}, status_code=500)


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz")
    async def healthz() -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    async def readyz(request: Request) -> Response:
        """The process can do its work: the database answers, and the App is set up."""
        intake: Intake = request.app.state.intake
        problems = [] if intake.settings.is_set_up else ["the GitHub App is not set up: see `council doctor`"]
        if not await intake.database.answers():
            problems.append("the database does not answer")
        return JSONResponse({"ready": not problems, "problems": problems}, status_code=503 if problems else 200)

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Prometheus metrics: deliveries of this process; jobs, runs, model calls and spend of the whole instance."""
        from prometheus_client import generate_latest

        from app.web.metrics import registry_of

        intake: Intake = request.app.state.intake
        text = generate_latest(intake.registry) + generate_latest(registry_of(await intake.figures()))
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
