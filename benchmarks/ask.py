"""Measures one question from webhook to answer: the time to the first visible sign, and the wall time against the models' own.

The sandbox runs in a separate process; web and worker share this one, as in `review`.
"""

import asyncio
import contextlib
import socket
import tempfile
import time
from typing import Any

import uvicorn

from app import log
from app.configuration.settings import read_settings
from app.councils.council_factory import preload_libraries
from app.sandbox.control.client import Control, running
from app.services.worker import open_worker_services
from app.store.queue.deliveries import Debounce
from app.web import create_app
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from benchmarks.bars import Bar, Count, at_most, below, exactly, judged
from benchmarks.options import Options, progress
from benchmarks.review import SEATS, ring

_FIRST_SIGN_MS, _OVERHEAD_S, _CALLS, _LONGEST_S = 1000, 1.0, 3, 60.0
_QUESTION = "/council ask why does the pool run out of connections at night? See app/pool.py:2 and #1"


def run(options: Options) -> dict[str, object]:
    log.set_up(as_json=True, secrets=(), quiet=True)
    model_s = 0.3 if options.small else options.model_s
    with running() as control, tempfile.TemporaryDirectory() as data:
        control.set_limits(github_ms=float(options.github_ms), writes_minute=None, writes_hour=None)
        control.create_repository("acme/shop", {"app/pool.py": "def check(pool):\n    return pool.take().ping()\n" * 20})
        control.add_collaborator("acme/shop", "ana")
        for number, seat in enumerate(SEATS[: options.seats]):
            control.program_model(seat.split("/", 1)[1], solutions=[_solution(number)], delay_ms=model_s * 1000)
        progress(f"GitHub {options.github_ms} ms per call, models {model_s} s per call, {options.seats} seats")
        measured = asyncio.run(_measure(options, control, data))
    measured["overhead_s"] = round(measured["wall_s"] - _CALLS * model_s, 2)
    # Three seats, then critics, then the chair: an answer without model calls is fast and worthless.
    calls = 2 * options.seats
    counts = (Count("model_calls", measured["model_calls"], calls, small=calls),)
    bars = (
        Bar("first_sign_ms", measured["first_sign_ms"], below(_FIRST_SIGN_MS, small=5 * _FIRST_SIGN_MS), counts),
        Bar("overhead_s", measured["overhead_s"], at_most(_OVERHEAD_S, small=10 * _OVERHEAD_S), counts),
        Bar("answers", measured["answers"], exactly(1), counts),
    )
    return judged(options, measured | {"critical_path_s": _CALLS * model_s}, bars)


async def _measure(options: Options, control: Control, data: str) -> dict[str, Any]:
    environment = await asyncio.to_thread(control.environment)
    settings = read_settings({**environment, "COUNCIL_DATA": data, "COUNCIL_SEATS": ",".join(SEATS[: options.seats])})
    async with contextlib.AsyncExitStack() as stack:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        web = uvicorn.Server(uvicorn.Config(create_app(settings, Debounce(0, 0)), log_level="critical", ws="none"))
        serving = asyncio.create_task(web.serve([listener]))
        while not web.started:  # noqa: ASYNC110 — uvicorn has no event for it
            await asyncio.sleep(0.01)
        services = await stack.enter_async_context(open_worker_services(settings))
        # As a worker does when it starts.
        await preload_libraries(settings)
        await services.identity()
        worker = Worker(services, JOB_HANDLERS)
        working = asyncio.create_task(worker.run_until_stopped())
        await asyncio.to_thread(control.set_webhook, f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/github")
        number = await asyncio.to_thread(control.open_issue, "acme/shop", "Connections run out", "After a night nobody gets one.")
        await asyncio.sleep(0.5)
        ringing = asyncio.create_task(ring(worker))
        started = time.monotonic()
        await asyncio.to_thread(control.comment, "acme/shop", number, "ana", _QUESTION)
        seen = await _seen(control, number, started)
        ringing.cancel()
        worker.stop()
        await working
        web.should_exit = True
        await asyncio.gather(serving, ringing, return_exceptions=True)
    return seen


async def _seen(control: Control, number: int, started: float) -> dict[str, Any]:
    """What a person sees, polled every 20 ms: the first reaction or comment, the progress, and the answer."""
    marks: dict[str, float] = {}
    while time.monotonic() - started < _LONGEST_S:
        comments = await asyncio.to_thread(control.conversation, "acme/shop", number)
        now = time.monotonic() - started
        ours = [comment for comment in comments if comment["user"]["type"] == "Bot"]
        if ours or any(comment["reactions"]["total_count"] for comment in comments):
            marks.setdefault("first_sign", now)
        if ours:
            marks.setdefault("comment", now)
        if any(each["body"].startswith("### ") and "· working" not in each["body"].split("\n")[0] for each in ours):
            return {
                "first_sign_ms": round(marks["first_sign"] * 1000),
                "comment_ms": round(marks["comment"] * 1000),
                "wall_s": round(now, 2),
                "answers": len(ours),
                "model_calls": len(await asyncio.to_thread(control.calls)),
            }
        await asyncio.sleep(0.02)
    raise TimeoutError("no answer came")


def _solution(seat: int) -> dict[str, object]:
    titles = ("Close the connection of the health check", "The check keeps its connection: close it")
    common: dict[str, object] = {"effort": "minutes", "risk": "low", "verify": "The count stays below the pool's size.", "facets": []}
    if seat % 3 == 2:
        # The seats must disagree on something; otherwise there is no critique.
        larger = {
            "title": "Make the pool larger",
            "approach": "A larger pool lasts longer under the same load.",
            "steps": ["Set it to 50."],
        }
        return {**common, **larger, "evidence": []}
    return {
        **common,
        "title": titles[seat % 2],
        "approach": "Every probe takes a connection from the pool and keeps it; close it in `app/pool.py`.",
        "steps": ["Close it."],
        "evidence": [{"source": "app/pool.py", "line": 2, "quote": "    return pool.take().ping()"}],
    }
