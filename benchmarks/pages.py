"""Measures how long each page takes a person with access to all of them, requested in turn by a real client."""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from benchmarks.deliveries import percentile
from benchmarks.options import progress
from tests.app.web.browser import Browser

# Files that contain everything: their time depends on their size.
DOWNLOADS = ("/repos/{owner}/{name}/privacy/export.jsonl", "/admin/audit.jsonl", "/runs.csv")
_WIDE = ("state=dead", "author=author-7", "q=retry", "q=w77", "from=2000-01-01&to=2099-01-01")


@dataclass(frozen=True)
class Page:
    """A route, and an address of it."""

    route: str
    address: str


def more_of(full_name: str) -> list[Page]:
    """The lists with filters, and with the longest time range."""
    narrowed = [Page(f"/runs?{each}", f"/runs?{each}") for each in _WIDE]
    one = [Page("/runs?repository", f"/runs?repository={full_name}"), Page("/insights?repository", f"/insights?repository={full_name}")]
    return [*narrowed, *one, Page("/insights?days=90", "/insights?days=90")]


@dataclass(frozen=True)
class PageTimes:
    """Milliseconds of each page, the slowest first: the p95 until its answer came, and the median of CPU time.

    CPU time is that of this process, client and server and SQLite; other work on the machine changes it little.
    """

    p95: dict[str, float]
    cpu: dict[str, float]


async def time_pages(browser: Browser, pages: list[Page], rounds: int) -> PageTimes:
    """Request each page equally often."""
    took: dict[str, list[float]] = defaultdict(list)
    worked: dict[str, list[float]] = defaultdict(list)
    for turn in range(rounds):
        progress(f"every page, {turn + 1} of {rounds}") if turn % 10 == 0 else None
        for page in pages:
            started, began = time.perf_counter(), time.process_time()
            answer, _ = await read(browser, page.address)
            if answer.is_server_error:
                answer.raise_for_status()
            if answer.status_code == 200:
                took[page.route].append((time.perf_counter() - started) * 1000)
                worked[page.route].append((time.process_time() - began) * 1000)
    return PageTimes(_slowest_first(took, 0.95), _slowest_first(worked, 0.5))


def _slowest_first(times: Mapping[str, list[float]], part: float) -> dict[str, float]:
    return dict(sorted(((route, round(percentile(each, part), 1)) for route, each in times.items()), key=lambda each: -each[1]))


async def read(browser: Browser, address: str, headers: Mapping[str, str] | None = None) -> tuple[httpx.Response, str]:
    """The first part of an answer is enough for one that never ends, such as a stream of events."""
    async with browser.client.stream("GET", browser.url + address, headers=headers) as answer:
        if "event-stream" not in answer.headers.get("content-type", ""):
            return answer, (await answer.aread()).decode("utf-8", "replace")
        first = ""
        async for piece in answer.aiter_text():
            first = piece
            break
        return answer, first
