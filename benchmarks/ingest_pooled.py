"""Compares how fast deliveries are acknowledged on PostgreSQL directly and through PgBouncer: batches in turn to two web processes."""

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import raw_sql, server
from benchmarks.bars import Bar, Count, exactly, judged, skipped
from benchmarks.deliveries import Timed, WebUnderTest, percentile, send
from benchmarks.options import Options, progress
from benchmarks.pooled import DIRECT, POOLED, pooled_server, pooler_bar, pooler_ratio
from benchmarks.real_parts import find_missing

_BATCHES, _SMALL_BATCHES = 10, 2
_A_BATCH, _SMALL_BATCH = 2_000, 500
_WARM_UP = 200
_CONNECTIONS = 64
_STORED = "SELECT count(*) FROM delivery"


@dataclass
class _Side:
    """One of the two web processes: its database seen directly, and the seconds and answers of each batch."""

    web: WebUnderTest
    database: str
    seconds: list[float] = field(default_factory=list)
    answers: list[list[Timed]] = field(default_factory=list)

    async def batch(self, seed: int, count: int) -> None:
        requests = self.web.deliveries(seed, 0, count)
        began = time.perf_counter()
        self.answers.append(await send(self.web.port, requests, _CONNECTIONS))
        self.seconds.append(time.perf_counter() - began)

    @property
    def p99_ms(self) -> list[float]:
        return [percentile([each.seconds for each in batch], 0.99) * 1000 for batch in self.answers]


def measure_pooled(options: Options) -> dict[str, object]:
    """Batches are short and in turn, so that a busy moment of the machine harms both alike."""
    if missing := find_missing():
        return skipped(missing)
    batches, size = (_SMALL_BATCHES, _SMALL_BATCH) if options.small else (_BATCHES, options.n // _BATCHES or _A_BATCH)
    with _sides() as sides, tempfile.TemporaryDirectory() as folder:
        asyncio.run(_send_in_turn(sides, options.seed, batches, size))
        stored = {way: asyncio.run(raw_sql.number(each.database, Path(folder), _STORED)) - _WARM_UP for way, each in sides.items()}
    return judged(options, *_judge(sides, stored))


@contextlib.contextmanager
def _sides() -> Iterator[dict[str, _Side]]:
    with contextlib.ExitStack() as stack:
        pair = stack.enter_context(pooled_server())
        sides = {}
        for way in (DIRECT, POOLED):
            urls, port = pair.create(f"deliveries_{way}"), server.free_port()
            data = stack.enter_context(tempfile.TemporaryDirectory())
            environment = {"COUNCIL_DATA": data, "DATABASE_URL": urls[way], "PORT": str(port), "REDIS_URL": "", **_credentials()}
            process = stack.enter_context(server.process("web", environment))
            server.wait_for(f"http://127.0.0.1:{port}/readyz")
            sides[way] = _Side(WebUnderTest(port, process.pid, server.SECRET), urls[DIRECT])
        yield sides


def _credentials() -> dict[str, str]:
    """Those of an App that nobody asks."""
    return {"APP_ID": "1", "PRIVATE_KEY": server.pem(), "WEBHOOK_SECRET": server.SECRET}


async def _send_in_turn(sides: Mapping[str, _Side], seed: int, batches: int, size: int) -> None:
    for each in sides.values():
        await send(each.web.port, each.web.deliveries(seed, 0, _WARM_UP), 8)
    for number in range(batches):
        # Each is first in half of the pairs.
        for way in (DIRECT, POOLED) if number % 2 == 0 else (POOLED, DIRECT):
            await sides[way].batch(seed + number, size)
        progress(", ".join(f"{way} {size / each.seconds[-1]:.0f} per second" for way, each in sides.items()))


def _judge(sides: Mapping[str, _Side], stored: Mapping[str, int]) -> tuple[dict[str, object], list[Bar]]:
    direct, pooled = sides[DIRECT], sides[POOLED]
    answers = [answer for each in sides.values() for batch in each.answers for answer in batch]
    acknowledged = sum(answer.status < 300 for answer in answers)
    counts = (Count("acknowledged", acknowledged, 10_000, small=1_000, asked=True),)
    measured: dict[str, object] = {
        "database": "postgres",
        **{f"{way}_acks_per_s": round(len(each.answers[0]) / statistics.median(each.seconds)) for way, each in sides.items()},
        **{f"{way}_p99_ms": round(statistics.median(each.p99_ms), 1) for way, each in sides.items()},
        "pooler_ratio": pooler_ratio({DIRECT: direct.seconds, POOLED: pooled.seconds}),
        "pooler_p99_ratio": pooler_ratio({DIRECT: direct.p99_ms, POOLED: pooled.p99_ms}),
        "acknowledged": acknowledged,
        "non_2xx": len(answers) - acknowledged,
        "unstored": acknowledged - sum(stored.values()),
    }
    zeros = [Bar(name, int(str(measured[name])), exactly(0), counts) for name in ("non_2xx", "unstored")]
    return measured, [*zeros, pooler_bar(measured, counts), pooler_bar(measured, counts, "pooler_p99_ratio")]
