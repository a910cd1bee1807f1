"""Measures deliveries verified, parsed and committed per second before their 202, their latency, and whether page views delay them."""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from app.clock import now
from app.sandbox.control.client import Control, running
from app.store.engine.database import open_database
from benchmarks import raw_sql, server
from benchmarks.bars import Bar, Count, at_least, at_most, below, exactly, judged
from benchmarks.deliveries import Timed, WebUnderTest, percentile, pull_request, request, send, send_at
from benchmarks.ingest_pooled import measure_pooled
from benchmarks.options import Options, progress
from benchmarks.stored import Place, store
from tests.app.web.browser import Browser

_FIRST, _RUNS = 1_000, 20_000
_REPOSITORY, _PERSON = "acme/shop", "ada"
_PAGES = ("/", "/runs", "/insights", f"/repos/{_REPOSITORY}/settings", "/account", "/usage", "/ask")
# Deliveries per second, people who open page after page at the same time, and how often both are compared.
_RATE, _PEOPLE, _PAIRS = 50, 4, 5


def run(options: Options) -> dict[str, object]:
    """With --pooler, the deliveries go to two web processes in turn: one reaches PostgreSQL directly, one through PgBouncer."""
    if options.pooler:
        return measure_pooled(options)
    port = server.free_port()
    with running() as control, tempfile.TemporaryDirectory() as data, server.database(options.database) as url:
        # Only for the sign-in: the deliveries are our own.
        control.set_webhook(f"http://127.0.0.1:{port}/webhooks/github", mode="hold")
        made = control.create_repository(_REPOSITORY, {"a.py": "1\n"})
        control.add_collaborator(_REPOSITORY, _PERSON, "admin")
        environment = {**control.environment(), "COUNCIL_DATA": data, "DATABASE_URL": url, "PORT": str(port), "REDIS_URL": ""}
        with server.process("web", environment) as process:
            server.wait_for(f"http://127.0.0.1:{port}/readyz")
            asyncio.run(_store(url, data, Place(1, made["id"], _REPOSITORY, "model"), 1_000 if options.small else _RUNS))
            before = asyncio.run(_stored(url, data))
            measured = asyncio.run(_measure(options, WebUnderTest(port, process.pid, environment["WEBHOOK_SECRET"]), control))
            stored = asyncio.run(_stored(url, data)) - before
    acknowledged = int(str(measured["acknowledged"]))
    return judged(options, measured | {"unstored": acknowledged - stored}, _bars(measured, acknowledged - stored))


async def _stored(url: str, data: str) -> int:
    return await raw_sql.number(url, Path(data), "SELECT count(*) FROM delivery")


async def _store(url: str, data: str, place: Place, count: int) -> None:
    """The data that the pages show."""
    database = open_database(url, Path(data))
    await store(database, [place], count, now())
    await database.close()


async def _measure(options: Options, web: WebUnderTest, control: Control) -> dict[str, object]:
    count = options.n or (2_000 if options.small else 20_000)
    progress(f"{count} deliveries of 28 kB over 64 connections")
    requests = web.deliveries(options.seed, 0, count)
    first = await send(web.port, requests[:_FIRST], 8)
    browser = Browser(web.url, control)
    await browser.sign_in(_PERSON)
    rss = server.rss_mb(web.pid)
    started = time.perf_counter()
    answers = await send(web.port, requests[_FIRST:], 64)
    took = time.perf_counter() - started
    progress("50 pull requests opened in 10 s")
    opened = [request(web.port, pull_request(1000 + i, f"{i:040x}", "opened"), web.secret) for i in range(50)]
    burst = await send_at(web.port, opened, 1.0 if options.small else 10.0)
    beside, both, shown = await _beside_pages(options, web, browser.cookie())
    rss_at_last = server.rss_mb(web.pid)
    await browser.close()
    seconds = [answer.seconds for answer in answers]
    return {
        "database": options.database,
        "acks_per_s": round(len(answers) / took),
        "p50_ms": round(percentile(seconds, 0.5) * 1000, 1),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 1),
        "non_2xx": sum(answer.status >= 300 for answer in [*first, *answers, *burst, *both]),
        "acknowledged": sum(answer.status < 300 for answer in [*first, *answers, *burst, *both]),
        "pages_shown": shown,
        "burst_p99_ms": round(percentile([answer.seconds for answer in burst], 0.99) * 1000, 1),
        **beside,
        "web_rss_mb": rss,
        "web_rss_at_last_mb": rss_at_last,
    }


async def _beside_pages(options: Options, web: WebUnderTest, cookie: str) -> tuple[dict[str, object], list[Timed], int]:
    """The p99 of deliveries at one rate, alone and while people open pages, in turn; the median of the pairs' differences."""
    progress(f"{_RATE} deliveries per second, alone and while {_PEOPLE} people open pages")
    seconds, pairs = (2.0, 1) if options.small else (6.0, _PAIRS)
    times: dict[bool, list[float]] = {False: [], True: []}
    answers: list[Timed] = []
    shown = 0
    for turn in range(pairs):
        for pages in (False, True):
            offered = web.deliveries(options.seed, turn, int(seconds * _RATE), "labeled")
            visitors = await _visitors(web, cookie, _PEOPLE if pages else 0)
            got = await send_at(web.port, offered, seconds)
            said, _ = await visitors.communicate(b"")
            shown += said.count(b".")
            times[pages].append(percentile([each.seconds for each in got], 0.99) * 1000)
            answers += got
    alone, beside = times[False], times[True]
    extra = statistics.median(one - other for one, other in zip(beside, alone, strict=True))
    ratio = statistics.median(one / other for one, other in zip(beside, alone, strict=True))
    figures = {"p99_alone_ms": statistics.median(alone), "p99_beside_pages_ms": statistics.median(beside), "extra_ms": extra}
    measured: dict[str, object] = {name: round(value, 1) for name, value in figures.items()}
    return measured | {"pages_ratio": round(ratio, 2), "pages_per_s": round(shown / seconds / pairs, 1)}, answers, shown


async def _visitors(web: WebUnderTest, cookie: str, people: int) -> asyncio.subprocess.Process:
    """In a separate process, so that their work does not slow down the measuring one; for fairness, also in the runs without pages."""
    command = [sys.executable, "-m", "benchmarks.visitors", str(people), web.url, f"council-session={cookie}", *_PAGES]
    pipe = asyncio.subprocess.PIPE
    made = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    # Until it is up.
    await asyncio.sleep(1.5)
    return made


def _bars(measured: dict[str, object], unstored: int) -> list[Bar]:
    """`pages_ratio` must be at most 1.25 if pages add more than 15 ms."""

    def figure(name: str) -> float:
        return float(str(measured[name]))

    counts = (Count("acknowledged", int(figure("acknowledged")), 10_000, small=1_000, asked=True),)
    pages = (*counts, Count("pages_shown", int(figure("pages_shown")), 500, small=10))
    ratio = figure("pages_ratio") if figure("extra_ms") > 15 else 1.0
    return [
        Bar("non_2xx", figure("non_2xx"), exactly(0), counts),
        Bar("unstored", unstored, exactly(0), counts),
        Bar("acks_per_s", figure("acks_per_s"), at_least(1_000, small=50), counts),
        Bar("p99_ms", figure("p99_ms"), at_most(150, small=3_000), counts),
        Bar("burst_p99_ms", figure("burst_p99_ms"), below(100, small=3_000), counts),
        Bar("web_rss_mb", figure("web_rss_mb"), below(110, small=200), counts),
        Bar("pages_ratio", ratio, at_most(1.25, small=100), pages),
    ]
