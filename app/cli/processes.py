"""`council serve` and `council worker`: run the long-running processes."""

import asyncio
from typing import Annotated

import typer

from app.cli.web import start
from app.configuration.settings import Settings, channel

_POLL_SECONDS = 30


def serve(
    poll: Annotated[bool, typer.Option("--poll", help="poll GitHub every 30 s, for a server that GitHub cannot reach")] = False,
    smee: Annotated[str, typer.Option("--smee", metavar="URL", help="receive webhooks from a smee.io channel; same as SMEE_URL")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print addresses and settings as JSON once the server is ready")] = False,
) -> None:
    """Run the web process, a worker and, unless REDIS_URL is set, an embedded Valkey."""
    from app.cli.ready import announce
    from app.serve import supervise

    settings = start()
    if poll:
        settings = settings.model_copy(update={"poll_seconds": settings.poll_seconds or _POLL_SECONDS})
    if smee:
        settings = settings.model_copy(update={"smee_url": channel(smee)})
    asyncio.run(supervise(settings, announce if as_json else None))


def worker() -> None:
    """Run a worker, the process that reviews. You can start several."""
    settings = start()
    settings.require_whole()
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    from app.operations.telemetry import build_telemetry
    from app.web.worker_port import open_worker_port
    from app.work.process import WorkerOptions, run_worker

    telemetry = build_telemetry(settings, "worker")
    try:
        async with open_worker_port(settings, telemetry) as port:
            await run_worker(settings, WorkerOptions(telemetry=telemetry, opened=port.note_open))
    finally:
        await asyncio.to_thread(telemetry.tracer.close)
