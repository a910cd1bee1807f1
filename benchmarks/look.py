"""Measures looks at a repository of 10,000 files: cold, with one changed file, and each query, while the event loop keeps running."""

import asyncio
import contextlib
import random
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from app.repositories.view import IndexedView, open_repository_view
from benchmarks.bars import Bar, Count, at_least, at_most, below, exactly, judged
from benchmarks.generated_tree import GeneratedTree, grow_tree
from benchmarks.options import Options, progress
from reviewers.context.repository.looks import Look, LookAnswer, LookKind
from reviewers.context.tokens import count

FILES, SMALL_FILES = 10_000, 600
EACH, SMALL_EACH, TOKENS = 60, 12, 1_500
_TICK = 0.005


def run(options: Options) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="council-look-") as folder:
        tree = grow_tree(Path(folder) / "repo.git", options.seed, options.n or (SMALL_FILES if options.small else FILES))
        progress(f"{tree.files} files, {tree.bytes / 1e6:.0f} MB")
        return asyncio.run(_measured(options, tree, Path(folder) / "cache"))


@dataclass
class Asked:
    """The milliseconds of every query by its kind, the number of right answers, and the number over budget."""

    times: dict[str, list[float]] = field(default_factory=dict)
    right: int = 0
    wrong: int = 0
    over: int = 0

    def p95(self, kind: str) -> float:
        row = sorted(self.times[kind])
        return row[min(len(row) - 1, int(len(row) * 0.95))]


class Ticker:
    """The longest delay of a timer on the event loop, in milliseconds."""

    worst = 0.0

    async def run(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_TICK)
            self.worst = max(self.worst, (time.perf_counter() - before - _TICK) * 1000)


async def _measured(options: Options, tree: GeneratedTree, cache: Path) -> dict[str, object]:
    count("warm")
    # A library is loaded once per process.
    import numpy  # noqa: F401

    asked = Asked()
    async with _ticking() as ticker:
        started = time.perf_counter()
        async with open_repository_view(tree.folder, tree.first, cache) as view:
            cold = time.perf_counter() - started
            readable = view.index.readable
            rss = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            progress(f"cold {cold:.1f} s, {rss:.0f} MB")
        started = time.perf_counter()
        async with open_repository_view(tree.folder, tree.second, cache) as view:
            warm = time.perf_counter() - started
            progress(f"warm {warm:.2f} s, the loop was blocked for {ticker.worst:.0f} ms so far")
            for kind in LookKind:
                for number in range(SMALL_EACH if options.small else EACH):
                    await _ask(view, tree, kind, random.Random(f"{options.seed}:{kind}:{number}"), asked)
    return _judged(options, tree, (readable, cold, warm, rss, ticker.worst), asked)


@contextlib.asynccontextmanager
async def _ticking() -> AsyncIterator[Ticker]:
    ticker = Ticker()
    task = asyncio.create_task(ticker.run())
    try:
        yield ticker
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _ask(view: IndexedView, tree: GeneratedTree, kind: LookKind, dice: random.Random, asked: Asked) -> None:
    at = dice.randrange(len(tree.paths))
    # Files of the second commit's change have other names.
    at = at if at != 1 else 2
    path, name = tree.paths[at], tree.names[at * 3]
    targets = {
        LookKind.READ: path,
        LookKind.OUTLINE: dice.choice((path, path.rpartition("/")[0])),
        LookKind.HISTORY: path,
        LookKind.SEARCH: dice.choice((name, f"{name}(", rf"\b{name}\(\w+", "result", rf"{name[:8]}\w+_{at * 3}\b")),
    }
    target = targets.get(kind, name)
    look = Look(kind=kind, target=target, pattern=kind is LookKind.SEARCH and "\\" in target)
    started = time.perf_counter()
    answer = await view.look(look, TOKENS)
    asked.times.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
    asked.over += count(answer.text) > TOKENS
    if _is_right(look, answer, path):
        asked.right += 1
    else:
        asked.wrong += 1
        progress(f"wrong: {look.kind} {look.target}: {answer.text[:200]}")


def _is_right(look: Look, answer: LookAnswer, path: str) -> bool:
    """Whether the answer shows the file that the query came from; names are used at random, so USES may find none elsewhere."""
    shown = {line.path for line in answer.lines}
    if look.kind in (LookKind.READ, LookKind.FIND):
        return path in shown
    if look.kind is LookKind.SEARCH:
        # A large file is searched last; the answer then says that files were left out.
        return path in shown or bool(answer.left_out)
    if look.kind is LookKind.HISTORY:
        return "First" in answer.text
    if look.kind is LookKind.USES:
        return path in shown or bool(shown) or "only its definition" in answer.text
    return bool(answer.text) and "there is no" not in answer.text


def _judged(options: Options, tree: GeneratedTree, figures: tuple[int, float, float, float, float], asked: Asked) -> dict[str, object]:
    readable, cold, warm, rss, blocked = figures
    times = {kind: round(asked.p95(kind), 1) for kind in asked.times}
    measured: dict[str, object] = {
        "files": tree.files,
        "source_mb": round(tree.bytes / 1e6, 1),
        "cold_s": round(cold, 2),
        "warm_s": round(warm, 3),
        "rss_mb": round(rss),
        "p95_ms": max(times.values()),
        "p95_ms_by_query": times,
        "loop_blocked_ms": round(blocked, 1),
        "answers": asked.right + asked.wrong,
        "wrong": asked.wrong,
        "over_budget": asked.over,
    }
    size = (
        Count("files", tree.files, FILES, small=SMALL_FILES, asked=True),
        Count("source_mb", round(tree.bytes / 1e6), 80, small=4, asked=True),
        Count("readable", readable, tree.files),
    )
    answers = (Count("answers", asked.right + asked.wrong, 6 * EACH, small=6 * SMALL_EACH, asked=True),)
    bars = (
        Bar("cold_s", cold, at_most(20), size),
        Bar("rss_mb", rss, at_most(400), size),
        Bar("warm_s", warm, at_most(0.3, small=2), size),
        Bar("p95_ms", max(times.values()), at_most(100, small=400), answers),
        Bar("loop_blocked_ms", blocked, below(100, small=500), answers),
        Bar("wrong", asked.wrong, exactly(0), answers),
        Bar("over_budget", asked.over, exactly(0), answers),
        Bar("large_files", sum(1 for at in range(tree.files) if at % 20 == 19) / tree.files, at_least(0.05), size),
    )
    return judged(options, measured, bars)
