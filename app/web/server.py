"""Serve the application with uvicorn until it is stopped."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

from app.configuration.listen_address import require_free_port
from app.configuration.settings import Settings
from app.operations.migration_process import upgrade_apart
from app.web.application import create_app, create_metrics_app


def serve(settings: Settings) -> None:
    """Serve on the configured host and port. Returns at most 5 seconds after SIGINT or SIGTERM."""
    require_free_port(settings.host, settings.port)
    if settings.metrics_port:
        require_free_port(settings.host, settings.metrics_port)
    asyncio.run(_prepare(settings))
    app = create_app(settings, into_log=settings.log_json and not sys.stderr.isatty())
    # What is loaded stays. Without this, each full collection looks at all of it, and one took 150 ms while a page was made.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    if settings.metrics_port:
        metrics = uvicorn.Config(
            create_metrics_app(app), settings.host, settings.metrics_port, access_log=False, log_config=None, log_level="warning"
        )
        asyncio.run(_serve_both(uvicorn.Server(config), _ServerAside(metrics)))
    else:
        uvicorn.Server(config).run()


async def _prepare(settings: Settings) -> None:
    # Imported here, as the application does, because it loads the database.
    from app.services.web import require_start

    await upgrade_apart(settings)
    await require_start(settings)


class _ServerAside(uvicorn.Server):
    """A server without signal handlers; another part of the process handles signals and stops it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve_both(main: uvicorn.Server, aside: uvicorn.Server) -> None:
    async with _running(aside):
        await main.serve()


@contextlib.asynccontextmanager
async def serve_aside(app: ASGIApp, host: str, port: int) -> AsyncIterator[None]:
    """Serve a small application inside the block; the process handles signals itself."""
    config = uvicorn.Config(app, host, port, access_log=False, log_config=None, log_level="warning", lifespan="off", ws="none")
    async with _running(_ServerAside(config)):
        yield


@contextlib.asynccontextmanager
async def _running(server: uvicorn.Server) -> AsyncIterator[None]:
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if serving.done():
                await serving
                break
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await serving
