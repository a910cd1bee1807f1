"""Faults at every write of a publication: in the end nothing is duplicate, and nothing is missing."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.sandbox.faults import FaultKind
from app.sandbox.github import reviewing
from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.log import Exchange
from benchmarks import tenants
from benchmarks.bars import Bar, Count, exactly, judged
from benchmarks.checker import Seen, seen, tally
from benchmarks.options import Options, progress
from benchmarks.systems import Ahead, system, worker_at
from tests.system import InProcessSystem

_WRITES = (
    ("POST", "/repos/{name}/check-runs$"),
    ("POST", "/repos/{name}/issues/{number}/comments$"),
    ("POST", "/repos/{name}/pulls/{number}/reviews$"),
    ("POST", "/repos/{name}/pulls/{number}/reviews/\\d+/events$"),
    ("PATCH", "/repos/{name}/check-runs/\\d+$"),
)
_REVIEW = _WRITES[2]
_BATCH = 60
_ONE_WRITE = ("422_line", "stale_draft")
_LAG_SECONDS = 5.0
_ROUNDS = 6

# How the fault of a pull request is armed; the number selects the write, so that every kind hits every write.
Arm = Callable[[InProcessSystem, SandboxRepository, PullRequest, int], None]


def run(options: Options) -> dict[str, object]:
    n = options.n or (5 if options.small else 1000)
    return asyncio.run(_measure(options, n))


async def _measure(options: Options, n: int) -> dict[str, object]:
    kinds: dict[str, dict[str, object]] = {}
    struck: dict[str, Counter[str]] = {}
    async with system(options) as built:
        first = 0
        for kind, arm in _KINDS.items():
            found, begun, drafts = list[Seen](), len(built.sandbox.log.exchanges), 0
            for start in range(0, n, _BATCH):
                count = min(_BATCH, n - start)
                batch = await _batch(built, range(first, first + count), arm, lag=_LAG_SECONDS if kind == "read_lag" else 0.0)
                found += batch.seen
                drafts += batch.drafts
                first += _BATCH
                progress(f"{kind}: {start + count} of {n}")
            struck[kind] = Counter({"draft": drafts}) if arm is _stale_draft else _struck(built.sandbox.log.exchanges[begun:])
            kinds[kind] = tally(found) | {"struck": dict(struck[kind])}
    totals = {name: sum(int(str(each[name])) for each in kinds.values()) for name in ("expected", "lost", "duplicates", "left_open")}
    zeros = {"missing": totals["lost"], "duplicates": totals["duplicates"], "left_open": totals["left_open"]}
    measured = {"faults": totals["expected"], "struck": sum(each.total() for each in struck.values()), **zeros, "kinds": kinds}
    least = (Count("faults", totals["expected"], 140, small=35, asked=True), *_least(struck, n))
    return judged(
        options, measured | {"database": options.database}, [Bar(name, count, exactly(0), least) for name, count in zeros.items()]
    )


def _least(struck: Mapping[str, Counter[str]], n: int) -> Iterator[Count]:
    """Every kind hit every pull request, and each write in turn if it hits any."""
    for kind, by_write in struck.items():
        least = max(1, round(0.9 * n))
        yield Count(f"struck_{kind}", by_write.total(), least, small=least)
        if kind not in _ONE_WRITE:
            share = max(1, n // len(_WRITES) // 2) if n >= len(_WRITES) else 0
            fewest = min(by_write[_name(*write)] for write in _WRITES)
            yield Count(f"struck_{kind}_by_write", fewest, max(1, share), small=max(1, share))


def _struck(exchanges: Iterable[Exchange]) -> Counter[str]:
    """How many requests a fault hit, by the kind of write; a line that is refused repeatedly counts once per pull request."""
    hit = {
        (exchange.path if exchange.fault == FaultKind.UNPROCESSABLE.value else str(exchange.number)): exchange
        for exchange in exchanges
        if exchange.fault
    }
    return Counter(next(_name(*write) for write in _WRITES if _is(each, *write)) for each in hit.values())


def _is(exchange: Exchange, method: str, path: str) -> bool:
    pattern = path.format(name="[^/]+/[^/]+", number=r"\d+")
    return exchange.method == method and re.search(pattern, exchange.path) is not None


def _name(method: str, path: str) -> str:
    """For example `POST issues/comments`: the method, and the words of a path."""
    return f"{method} " + "/".join(word for word in path.strip("/$").split("/")[2:] if word.isalpha() or "-" in word)


@dataclass(frozen=True)
class _Batch:
    seen: list[Seen]
    drafts: int


async def _batch(built: InProcessSystem, numbers: range, arm: Arm, lag: float) -> _Batch:
    world, clock = built.sandbox.world, Ahead()
    pulls = [tenants.open_pull(world, number) for number in numbers]
    for number, (place, pull) in zip(numbers, pulls, strict=True):
        arm(built, place, pull, number)
    drafts = sum(review.state == "PENDING" for _, pull in pulls for review in pull.reviews)
    await built.sandbox.settled()
    built.sandbox.github.limits.lag_seconds = lag
    for _ in range(_ROUNDS):
        await worker_at(built, clock).run_all()
        if all(seen(place, pull).published for place, pull in pulls):
            break
        # Delayed tries run as soon as they are due; only the lag passes in real time.
        await asyncio.sleep(lag)
        clock.seconds += 120.0
    built.sandbox.github.faults.waiting.clear()
    built.sandbox.github.limits.lag_seconds = 0.0
    return _Batch([_seen(place, pull) for place, pull in pulls], drafts)


def _seen(place: SandboxRepository, pull: PullRequest) -> Seen:
    """If GitHub accepted no line comment at all, the summary contains the findings, and that is the publication."""
    found = seen(place, pull)
    if not found.reviews and any("itemz" in body for body in found.comments):
        return Seen(found.head_sha, found.comments, (("COMMENTED", found.head_sha),), found.checks)
    return found


def _harm(harm: FaultKind, retry_after: float = 1.0) -> Arm:
    def arm(built: InProcessSystem, place: SandboxRepository, pull: PullRequest, number: int) -> None:
        method, path = _WRITES[number % len(_WRITES)]
        path = "^" + path.format(name=place.full_name, number=pull.number)
        built.sandbox.github.faults.add(method, path, harm, retry_after=retry_after)

    return arm


def _unprocessable(built: InProcessSystem, place: SandboxRepository, pull: PullRequest, _: int) -> None:
    method, path = _REVIEW
    built.sandbox.github.faults.add(method, "^" + path.format(name=place.full_name, number=pull.number), FaultKind.UNPROCESSABLE, times=9)


def _stale_draft(built: InProcessSystem, place: SandboxRepository, pull: PullRequest, _: int) -> None:
    bot = built.sandbox.world.app.bot
    reviewing.create(place, pull, bot, {"body": "A draft of an older run", "commit_id": pull.head_sha})


_KINDS: dict[str, Arm] = {
    "reset_after_apply": _harm(FaultKind.RESET_AFTER),
    "502_after_apply": _harm(FaultKind.BAD_GATEWAY_AFTER),
    "403_secondary": _harm(FaultKind.SECONDARY, 30.0),
    "429_secondary": _harm(FaultKind.TOO_MANY, 30.0),
    "422_line": _unprocessable,
    "stale_draft": _stale_draft,
    "read_lag": _harm(FaultKind.RESET_AFTER),
}
