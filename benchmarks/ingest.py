"""How many deliveries a second are verified, read and committed before their 202, and how long one waits."""

import asyncio
import hashlib
import tempfile
import time

from benchmarks import server
from benchmarks.deliveries import percentile, pull_request, request, send, send_at
from benchmarks.options import Options, progress

_FIRST = 1_000


def run(options: Options) -> dict[str, object]:
    count = options.n or (2_000 if options.small else 20_000)
    port = server.free_port()
    with tempfile.TemporaryDirectory() as data, server.database(options.database) as url:
        environment = {
            "APP_ID": "1",
            "PRIVATE_KEY": server.pem(),
            "WEBHOOK_SECRET": server.SECRET,
            "COUNCIL_DATA": data,
            "DATABASE_URL": url,
            "PORT": str(port),
        }
        with server.process("web", environment) as web:
            server.wait_for(f"http://127.0.0.1:{port}/healthz")
            progress(f"{count} deliveries of 28 kB over 64 connections")
            bodies = [pull_request(number, hashlib.sha1(f"{options.seed}:{number}".encode()).hexdigest()) for number in range(500)]
            requests = [request(port, bodies[i % 500], server.SECRET) for i in range(count)]
            asyncio.run(send(port, requests[:_FIRST], 8))
            rss = server.rss_mb(web.pid)
            started = time.perf_counter()
            answers = asyncio.run(send(port, requests[_FIRST:], 64))
            took = time.perf_counter() - started
            progress("50 pull requests opened in 10 s")
            opened = [request(port, pull_request(1000 + i, f"{i:040x}", "opened"), server.SECRET) for i in range(50)]
            burst = asyncio.run(send_at(port, opened, 1.0 if options.small else 10.0))
            rss_at_last = server.rss_mb(web.pid)
    seconds = [answer.seconds for answer in answers]
    measured = {
        "database": options.database,
        "acks_per_s": round(len(answers) / took),
        "p50_ms": round(percentile(seconds, 0.5) * 1000, 1),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 1),
        "non_2xx": sum(answer.status >= 300 for answer in [*answers, *burst]),
        "burst_p99_ms": round(percentile([answer.seconds for answer in burst], 0.99) * 1000, 1),
        "web_rss_mb": rss,
        "web_rss_at_last_mb": rss_at_last,
    }
    return measured | {"failed": _missed(measured, small=options.small)}


def _missed(measured: dict[str, object], *, small: bool) -> list[str]:
    bars = {"non_2xx": float(str(measured["non_2xx"])) == 0}
    if not small:
        bars |= {
            "acks_per_s": float(str(measured["acks_per_s"])) >= 1000,
            "p99_ms": float(str(measured["p99_ms"])) <= 150,
            "burst_p99_ms": float(str(measured["burst_p99_ms"])) < 100,
            "web_rss_mb": float(str(measured["web_rss_mb"])) < 110,
        }
    return [name for name, reached in bars.items() if not reached]
