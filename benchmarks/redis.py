"""Flushes Redis repeatedly and stops it for a minute: nothing is lost, and no acknowledgment waits for it."""

import asyncio
import os
import signal
import statistics
import tempfile
import time
from pathlib import Path

from redis import Redis

from app.queue.valkey import EmbeddedValkey
from benchmarks import deliveries, tenants
from benchmarks.bars import Bar, Count, at_most, judged
from benchmarks.checker import Seen, seen_from_afar, tally, zeros
from benchmarks.deliveries import percentile
from benchmarks.fleet import Fleet, fleet, until
from benchmarks.options import Options, progress

_FLUSHES = 20
_OUTAGE_SECONDS = 60.0
_PAIRS = 5
_ACKS = 600


def run(options: Options) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="council-valkey-") as folder:
        return asyncio.run(_measure(options, EmbeddedValkey(Path(folder))))


async def _measure(options: Options, valkey: EmbeddedValkey) -> dict[str, object]:
    process = await valkey.start()
    pulls: dict[int, int] = {}
    acks = 100 if options.small else _ACKS
    flushes, outage = (3, 5.0) if options.small else (_FLUSHES, _OUTAGE_SECONDS)
    try:
        with fleet(options, REDIS_URL=valkey.url) as built:
            built.start_worker()
            for turn in range(flushes):
                await asyncio.to_thread(_open, built, pulls, 4)
                Redis.from_url(valkey.url).flushall()
                progress(f"flushed {turn + 1} times")
            commands, flushed = await _commands(valkey.url)
            ratios = [await _pair(built, process.pid, acks) for _ in range(1 if options.small else _PAIRS)]
            progress(f"Redis is away for {outage:.0f} s")
            os.kill(process.pid, signal.SIGSTOP)
            before = len(pulls)
            await asyncio.to_thread(_during, built, pulls, outage)
            during = len(pulls) - before
            os.kill(process.pid, signal.SIGCONT)
            await asyncio.to_thread(_open, built, pulls, 4)
            await asyncio.to_thread(until, lambda: all(each.published for each in _seen(built, pulls)), 120.0)
            measured = tally(_seen(built, pulls))
    finally:
        process.kill()
        await process.wait()
    ratio, extra = statistics.median(one for one, _ in ratios), statistics.median(more for _, more in ratios)
    measured |= {"flushes": flushes, "outage_s": outage, "ack_p99_ratio": round(ratio, 2), "ack_p99_extra_ms": round(extra, 1)}
    counts = (
        Count("flushes", flushed, flushes, small=flushes),
        Count("redis_commands", commands, 4 * flushes, small=4 * flushes),
        Count("opened_in_the_outage", during, 5),
        Count("acks", 2 * acks * len(ratios), 1_000, small=100),
    )
    # A ratio of a few milliseconds depends on the machine; the bar applies if the difference is larger.
    slow = Bar("ack_p99_ratio", ratio if extra > 15.0 else min(ratio, 1.25), at_most(1.25, small=20.0), counts)
    return judged(options, measured | {"redis_commands": commands, "database": options.database}, [*zeros(measured, counts), slow])


async def _commands(url: str) -> tuple[int, int]:
    """How many commands Redis has answered in all, and how many of them flushed it, by its own count."""
    redis = Redis.from_url(url)
    all_of_them = await asyncio.to_thread(redis.info, "stats")
    each = await asyncio.to_thread(redis.info, "commandstats")
    return int(all_of_them["total_commands_processed"]), int(each["cmdstat_flushall"]["calls"])


def _open(built: Fleet, pulls: dict[int, int], count: int) -> None:
    for _ in range(count):
        number = len(pulls)
        if number % tenants.PULLS_A_TENANT == 0:
            built.control.create_repository(tenants.name(number), tenants.BASE)
        options = {"branch": f"change-{number}"}
        pulls[number] = built.control.open_pull_request(tenants.name(number), f"Change {number}", tenants.defect(number), **options)


def _during(built: Fleet, pulls: dict[int, int], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        _open(built, pulls, 1)
        time.sleep(seconds / 10)


def _seen(built: Fleet, pulls: dict[int, int]) -> list[Seen]:
    return [seen_from_afar(built.control.pull(tenants.name(number), pull)) for number, pull in pulls.items()]


async def _pair(built: Fleet, pid: int, acks: int) -> tuple[float, float]:
    """The p99 of acknowledgments without Redis: as a multiple of that with it, and the difference in milliseconds."""
    with_it = await _p99(built, acks)
    os.kill(pid, signal.SIGSTOP)
    without = await _p99(built, acks)
    os.kill(pid, signal.SIGCONT)
    progress(f"p99 of an answer: {with_it * 1000:.1f} ms with Redis, {without * 1000:.1f} ms without")
    return without / with_it, (without - with_it) * 1000


async def _p99(built: Fleet, acks: int) -> float:
    """Of deliveries without jobs, so that only the answer's own path is measured."""
    secret = str(built.environment["WEBHOOK_SECRET"])
    requests = [
        deliveries.request(built.port, deliveries.pull_request(number, f"{number:040x}", "labeled"), secret) for number in range(acks)
    ]
    return percentile([each.seconds for each in await deliveries.send(built.port, requests, 8)], 0.99)
