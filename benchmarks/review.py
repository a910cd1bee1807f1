"""Measures one review from webhook to check run: GitHub calls, wall time against the models' own, and the block of the event loop.

The sandbox runs in a separate process; web and worker share this one, so the longest pause of its loop includes both.
"""

import asyncio
import contextlib
import os
import random
import re
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

from app.configuration.settings import read_settings
from app.councils.council_factory import preload_libraries
from app.sandbox.control.client import Control, PullState, running
from app.services.worker import open_worker_services
from app.store.queue.deliveries import Debounce
from app.web import create_app
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from benchmarks import server
from benchmarks.bars import Bar, Count, at_least, at_most, below, exactly, judged
from benchmarks.options import Options, progress

SEATS = ("openai/gpt-5.5", "anthropic/claude-opus-5-5", "gemini/gemini-3.1-pro-preview")
_TICK = 0.005
# This benchmark measures time, not money: three flagships may read 300 files for more than the default caps.
_UNCAPPED = {"RUN_USD": "none", "PULL_REQUEST_USD": "none", "DAY_USD": "none", "MONTH_USD": "none"}
_MINT = {"create_token", "revoke_token", "get_app"}


def run(options: Options) -> dict[str, object]:
    files = 5 if options.small else options.files
    with running() as control, tempfile.TemporaryDirectory() as data:
        control.set_limits(github_ms=float(options.github_ms), writes_minute=None, writes_hour=None)
        base, head = _change(options.seed, files)
        control.create_repository("acme/big", base)
        model_ms = options.model_s * 1000
        for number, seat in enumerate(SEATS[: options.seats]):
            control.program_model(seat.split("/", 1)[1], findings=[_finding(number)], delay_ms=model_ms)
        progress(f"{files} files, GitHub {options.github_ms} ms per call, models {options.model_s} s per call")
        measured = asyncio.run(_measure(options, control, data, head))
    exchanges = measured.pop("exchanges")
    # The mirror is fetched over the git protocol, which does not count against the API's limits.
    calls = [exchange for exchange in exchanges if ".git/" not in exchange["path"]]
    reads = [call for call in calls if call["method"] == "GET" or call["operation"] == "graphql"]
    writes = [call for call in calls if call["method"] != "GET" and call["operation"] not in {"graphql", *_MINT}]
    measured |= {
        "files": files,
        "git_requests": len(exchanges) - len(calls),
        "github_reads": len([read for read in reads if read["operation"] not in _MINT]),
        "github_writes": len(writes),
        "critical_path_s": round(3 * options.model_s, 2),
        "overhead_s": round(float(measured["wall_s"]) - 3 * options.model_s, 2),
    }
    return judged(options, measured, _bars(measured, files, options.seats))


def _bars(measured: dict[str, Any], files: int, seats: int) -> list[Bar]:
    """A review with fewer models or without reading is fast, and proves nothing."""
    counts = (
        Count("github_reads", measured["github_reads"], 3, small=3),
        Count("github_writes", measured["github_writes"], 3, small=3),
        Count("model_calls", measured["model_calls"], 2 * seats, small=2 * seats),
    )
    bars = [
        Bar("github_reads", measured["github_reads"], at_most(10 if files <= 30 else 16), counts),
        Bar("github_writes", measured["github_writes"], at_most(5), counts),
        Bar("loop_blocked_ms", measured["loop_blocked_ms"], below(100, small=1_000), counts),
        Bar("seats", measured["seats"], at_least(3), counts),
    ]
    if files > 30:
        # Of 300 files, each seat sees a part; whether that includes the one defect depends on the packing, not on time.
        return bars
    overhead = Bar("overhead_s", measured["overhead_s"], at_most(1.0, small=10.0), counts)
    return [*bars, overhead, Bar("reviews", measured["reviews"], exactly(1), counts)]


async def _measure(options: Options, control: Control, data: str, head: dict[str, str]) -> dict[str, Any]:
    environment = await asyncio.to_thread(control.environment)
    settings = read_settings({**environment, "COUNCIL_DATA": data, "COUNCIL_SEATS": ",".join(SEATS[: options.seats]), **_UNCAPPED})
    async with contextlib.AsyncExitStack() as stack:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(settings, Debounce(0, 0)), log_level="critical", ws="none")
        web = uvicorn.Server(config)
        serving = asyncio.create_task(web.serve([listener]))
        while not web.started:  # noqa: ASYNC110 — uvicorn has no event for it
            await asyncio.sleep(0.01)
        services = await stack.enter_async_context(open_worker_services(settings))
        # As a worker does when it starts.
        await preload_libraries(settings)
        await services.prepare()
        worker = Worker(services, JOB_HANDLERS)
        working = asyncio.create_task(worker.run_until_stopped())
        lag = await stack.enter_async_context(lag_of_loop())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/github"
        await asyncio.to_thread(control.set_webhook, url)
        await asyncio.sleep(0.5)
        lag.clear()
        number = await asyncio.to_thread(control.open_pull_request, "acme/big", "A large change", head)
        started = time.monotonic()
        ringing = asyncio.create_task(ring(worker))
        state = await _published(control, number)
        wall = time.monotonic() - started
        ringing.cancel()
        worker.stop()
        await working
        web.should_exit = True
        await asyncio.gather(serving, ringing, return_exceptions=True)
    return {
        "wall_s": round(wall, 2),
        "loop_blocked_ms": round(max(lag, default=0.0) * 1000),
        "worker_rss_mb": server.rss_mb(os.getpid()),
        "seats": _answered(state),
        "reviews": len([review for review in state.reviews if review["state"] == "COMMENTED"]),
        "model_calls": len(await asyncio.to_thread(control.calls)),
        "exchanges": await asyncio.to_thread(control.exchanges),
    }


async def ring(worker: Worker) -> None:
    """Replace the notifier, which takes 0.1 s."""
    while True:
        await asyncio.sleep(0.1)
        await worker.ring("")


async def _published(control: Control, number: int) -> PullState:
    while True:
        state = await asyncio.to_thread(control.pull, "acme/big", number)
        if any(check["name"] == "Council" and check["status"] == "completed" for check in state.check_runs):
            return state
        await asyncio.sleep(0.03)


def _answered(state: PullState) -> int:
    """How many seats read everything, by the title of the check run: "1 high · 3 of 3 models"."""
    titles = [str(check["output"]["title"]) for check in state.check_runs if check["name"] == "Council"]
    found = re.search(r"(\d+) of \d+ models", titles[0])
    return int(found[1]) if found else 0


@contextlib.asynccontextmanager
async def lag_of_loop() -> AsyncIterator[list[float]]:
    """How late each tick of this loop was, in seconds."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_TICK)
            late.append(time.perf_counter() - before - _TICK)

    ticking = asyncio.create_task(tick())
    try:
        yield late
    finally:
        ticking.cancel()


def _change(seed: int, files: int) -> tuple[dict[str, str], dict[str, str]]:
    """Files of 200 lines, 30 of which the change rewrites."""
    dice = random.Random(seed)
    base, head = {}, {}
    for number in range(files):
        lines = [f"def f{number}_{i}(x):\n    return x * {dice.randrange(1000)} + {i}\n" for i in range(70)]
        path = f"src/package_{number % 10}/module_{number}.py"
        base[path] = "\n".join(lines)
        for at in range(0, 70, 5):
            lines[at] = f"def f{number}_{at}(x, y=0):\n    total = x * {dice.randrange(1000)}\n    return total + y\n"
        head[path] = "\n".join(lines)
    head["src/package_0/module_0.py"] += "\ndef average(items):\n    return sum(items) / len(items)\n"
    return base, head


def _finding(seat: int) -> dict[str, object]:
    """The same finding of two seats, and another of the third, so that there is something to vote on."""
    if seat % 3 == 2:
        return {
            "title": "average consumes a generator before it counts it",
            "body": "len() of a generator raises TypeError. Take a list.",
            "severity": "medium",
            "category": "api",
            "path": "src/package_0/module_0.py",
            "quote": "def average(items):",
            "line": 0,
            "suggestion": "",
        }
    titles = ("An empty list divides by zero", "average([]) raises ZeroDivisionError")
    return {
        "title": titles[seat % 3],
        "body": "With no items len(items) is 0. Return 0 for an empty list.",
        "severity": "high",
        "category": "correctness",
        "path": "src/package_0/module_0.py",
        "quote": "    return sum(items) / len(items)",
        "line": 0,
        "suggestion": "",
    }
