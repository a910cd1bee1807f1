"""Serve the application with uvicorn until told to stop."""

import asyncio
import sys

import uvicorn

from app.listening import require_free_port
from app.services.upgrading import upgrade_apart
from app.settings import Settings
from app.web.application import create_app


def serve(settings: Settings) -> None:
    """Serve on the configured host and port; returns after SIGINT or SIGTERM, at most 5 seconds later."""
    require_free_port(settings.host, settings.port)
    asyncio.run(upgrade_apart(settings))
    config = uvicorn.Config(
        create_app(settings, into_log=settings.log_json and not sys.stderr.isatty()),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    uvicorn.Server(config).run()
