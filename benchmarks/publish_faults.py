"""Faults at every write of a publication: nothing is there twice, and nothing is missing in the end."""

import asyncio
import random
from collections.abc import Callable

from app.sandbox.faults import Harm
from app.sandbox.github import reviewing
from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import Repository
from app.sandbox.house import House
from benchmarks import tenants
from benchmarks.checker import Seen, seen, tally
from benchmarks.houses import Ahead, house, worker_at
from benchmarks.options import Options, progress

_WRITES = (
    ("POST", "/repos/{name}/check-runs$"),
    ("POST", "/repos/{name}/issues/{number}/comments$"),
    ("POST", "/repos/{name}/pulls/{number}/reviews$"),
    ("POST", "/repos/{name}/pulls/{number}/reviews/\\d+/events$"),
    ("PATCH", "/repos/{name}/check-runs/\\d+$"),
)
_REVIEW = _WRITES[2]
_BATCH = 64
_LAG_SECONDS = 5.0
_ROUNDS = 6

Arm = Callable[[House, Repository, PullRequest, random.Random], None]


def run(options: Options) -> dict[str, object]:
    n = options.n or (4 if options.small else 1000)
    return asyncio.run(_measure(options, n))


async def _measure(options: Options, n: int) -> dict[str, object]:
    kinds: dict[str, dict[str, object]] = {}
    async with house(options) as built:
        first = 0
        for kind, arm in _KINDS.items():
            dice, found = random.Random(f"{options.seed}:{kind}"), list[Seen]()
            for start in range(0, n, _BATCH):
                count = min(_BATCH, n - start)
                found += await _batch(built, first, count, arm, dice, lag=_LAG_SECONDS if kind == "read_lag" else 0.0)
                first += _BATCH
                progress(f"{kind}: {start + count} of {n}")
            kinds[kind] = tally(found)
        struck = sum(bool(each.fault) for each in built.sandbox.log.exchanges)
    totals = {name: sum(int(str(each[name])) for each in kinds.values()) for name in ("expected", "lost", "duplicates", "left_open")}
    bars = {"missing": totals["lost"], "duplicates": totals["duplicates"], "left_open": totals["left_open"]}
    failed = [name for name, count in bars.items() if count]
    return {"faults": totals["expected"], "struck": struck, **bars, "kinds": kinds, "database": options.database, "failed": failed}


async def _batch(built: House, first: int, count: int, arm: Arm, dice: random.Random, lag: float) -> list[Seen]:
    world, clock = built.sandbox.world, Ahead()
    pulls = [tenants.open_pull(world, number) for number in range(first, first + count)]
    for place, pull in pulls:
        arm(built, place, pull, dice)
    await built.sandbox.settled()
    built.sandbox.github.limits.lag_seconds = lag
    for _ in range(_ROUNDS):
        await worker_at(built, clock).run_all()
        if all(seen(place, pull).published for place, pull in pulls):
            break
        # What waits for a later try is tried when its time has come; only the lag passes by the wall.
        await asyncio.sleep(lag)
        clock.seconds += 120.0
    built.sandbox.github.faults.waiting.clear()
    built.sandbox.github.limits.lag_seconds = 0.0
    return [_seen(place, pull) for place, pull in pulls]


def _seen(place: Repository, pull: PullRequest) -> Seen:
    """Where GitHub took no line at all, the summary carries the findings, and that is the publication."""
    found = seen(place, pull)
    if not found.reviews and any("itemz" in body for body in found.comments):
        return Seen(found.head_sha, found.comments, (("COMMENTED", found.head_sha),), found.checks)
    return found


def _harm(harm: Harm, retry_after: float = 1.0) -> Arm:
    def arm(built: House, place: Repository, pull: PullRequest, dice: random.Random) -> None:
        method, path = dice.choice(_WRITES)
        path = "^" + path.format(name=place.full_name, number=pull.number)
        built.sandbox.github.faults.add(method, path, harm, retry_after=retry_after)

    return arm


def _unprocessable(built: House, place: Repository, pull: PullRequest, _: random.Random) -> None:
    method, path = _REVIEW
    built.sandbox.github.faults.add(method, "^" + path.format(name=place.full_name, number=pull.number), Harm.UNPROCESSABLE, times=9)


def _stale_draft(built: House, place: Repository, pull: PullRequest, _: random.Random) -> None:
    bot = built.sandbox.world.app.bot
    reviewing.create(place, pull, bot, {"body": "A draft of an older run", "commit_id": pull.head_sha})


_KINDS: dict[str, Arm] = {
    "reset_after_apply": _harm(Harm.RESET_AFTER),
    "502_after_apply": _harm(Harm.BAD_GATEWAY_AFTER),
    "403_secondary": _harm(Harm.SECONDARY, 30.0),
    "429_secondary": _harm(Harm.TOO_MANY, 30.0),
    "422_line": _unprocessable,
    "stale_draft": _stale_draft,
    "read_lag": _harm(Harm.RESET_AFTER),
}
