"""Serve the application with uvicorn until told to stop."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator

import uvicorn

from app.listening import require_free_port
from app.services.upgrading import upgrade_apart
from app.settings import Settings
from app.web.application import create_app, create_metrics_app


def serve(settings: Settings) -> None:
    """Serve on the configured host and port; returns after SIGINT or SIGTERM, at most 5 seconds later."""
    require_free_port(settings.host, settings.port)
    if settings.metrics_port:
        require_free_port(settings.host, settings.metrics_port)
    asyncio.run(upgrade_apart(settings))
    app = create_app(settings, into_log=settings.log_json and not sys.stderr.isatty())
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    if settings.metrics_port:
        beside = uvicorn.Config(create_metrics_app(app), settings.host, settings.metrics_port, access_log=False, log_level="warning")
        asyncio.run(_serve_both(uvicorn.Server(config), _MetricsServer(beside)))
    else:
        uvicorn.Server(config).run()


class _MetricsServer(uvicorn.Server):
    """A server that ends with another one, which hears the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve_both(main: uvicorn.Server, beside: uvicorn.Server) -> None:
    serving = asyncio.create_task(beside.serve())
    try:
        await main.serve()
    finally:
        beside.should_exit = True
        await serving
