"""`council serve`, `web` and `worker`: the long-running processes."""

import asyncio
from typing import Annotated

import typer

from app import log
from app.settings import Settings, from_environment

_POLL_SECONDS = 30


def serve(
    poll: Annotated[bool, typer.Option("--poll", help="ask GitHub every 30 s; for a server that GitHub cannot reach")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print addresses and settings as JSON when the server answers")] = False,
) -> None:
    """Run everything on this machine: an embedded Valkey (unless REDIS_URL is set), web and worker."""
    from app.cli.ready import announce
    from app.serve import supervise

    settings = _start()
    if poll:
        settings = settings.model_copy(update={"poll_seconds": settings.poll_seconds or _POLL_SECONDS})
    asyncio.run(supervise(settings, announce if as_json else None))


def web() -> None:
    """Run the process that receives webhooks."""
    settings = _start()
    settings.require_whole()
    from app.web.server import serve as serve_http

    serve_http(settings)


def worker() -> None:
    """Run a process that reviews; start as many as you like."""
    settings = _start()
    settings.require_whole()
    from app.work.process import work

    asyncio.run(work(settings))


def _start() -> Settings:
    settings = from_environment()
    log.set_up(as_json=settings.log_json, secrets=settings.secrets)
    return settings
