"""Storms of pushes: nothing is published for a head after the next push was recorded, and the last head is reviewed once.

On a virtual clock, with a GitHub that takes a second per call: a push comes between any two calls of a review, and a request that was
sent although the push was known is seconds late, not milliseconds.
"""

import asyncio
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.log import Exchange
from app.store.queue.deliveries import Debounce
from benchmarks import tenants, virtual_time
from benchmarks.bars import Count, judged
from benchmarks.checker import seen, tally, zeros
from benchmarks.options import Options, progress
from benchmarks.systems import system
from tests.system import InProcessSystem, SystemOptions

PUSHES = 5
# A request that was in flight when the push was recorded: no virtual time passes between the check and the request.
IN_FLIGHT_SECONDS = 0.25
GITHUB_MS = 1_000.0
_AT_ONCE = 24
# The next push comes after this many calls for a head; a review makes about fourteen, and the last of them are the publication.
_MOST_CALLS = 16
_LONGEST_SECONDS = 60.0


@dataclass
class Storm:
    """A pull request and its heads, oldest first."""

    place: SandboxRepository
    pull: PullRequest
    heads: list[str]


def run(options: Options) -> dict[str, object]:
    n = options.n or (6 if options.small else 1000)
    return virtual_time.run(_measure(options, n))


async def _measure(options: Options, n: int) -> dict[str, object]:
    plan = SystemOptions(seats=(), debounce=Debounce(quiet=0.3, most=1.5))
    async with system(options, plan) as built:
        built.sandbox.world.now = virtual_time.today
        limits = built.sandbox.github.limits
        limits.github_ms, limits.concurrent = GITHUB_MS, None
        working = asyncio.create_task(built.worker.run_until_stopped())
        ringing = asyncio.create_task(_ring(built))
        storms: list[Storm] = []
        for start in range(0, n, _AT_ONCE):
            batch = range(start, min(start + _AT_ONCE, n))
            storms += await asyncio.gather(*(_storm(built, number, options.seed) for number in batch))
            progress(f"{len(storms)} of {n} pull requests pushed to {PUSHES} times")
        await _settle(built, storms)
        built.worker.stop()
        ringing.cancel()
        await working
        late, in_flight = _superseded(built, storms)
        interrupted, publishing = _interrupted(built, storms)
        measured = tally([seen(storm.place, storm.pull) for storm in storms])
    measured |= {"superseded_published": late, "in_flight": in_flight, "pushes": n * PUSHES, "database": options.database}
    measured |= {"interrupted": interrupted, "interrupted_publishing": publishing}
    # A push before a review has begun, or after its end, proves nothing.
    counts = (
        Count("pull_requests", n, 40, small=6, asked=True),
        Count("interrupted", interrupted, max(1, n // 2), small=max(1, n // 2)),
        Count("interrupted_publishing", publishing, max(1, n // 8), small=1),
    )
    return judged(options, measured, zeros(measured, counts, "superseded_published"))


async def _storm(built: InProcessSystem, number: int, seed: int) -> Storm:
    dice = random.Random(f"{seed}:{number}")
    place, pull = tenants.open_pull(built.sandbox.world, number)
    storm = Storm(place, pull, [pull.head_sha])
    for push in range(1, PUSHES + 1):
        # Some come while the previous run reads, every other one while it publishes.
        if push % 2:
            await _calls(built, storm, dice.randrange(_MOST_CALLS))
        else:
            await _begun(storm)
        await asyncio.sleep(dice.random() * GITHUB_MS / 1000)
        storm.heads.append(place.push(pull.number, tenants.defect(number, push)))
    return storm


async def _calls(built: InProcessSystem, storm: Storm, count: int) -> None:
    """Wait until that many more calls about the pull request's repository or head were answered, or nothing more happens."""
    begun, log = len(built.sandbox.log.exchanges), built.sandbox.log.exchanges
    marks = (f"/pulls/{storm.pull.number}", f"/issues/{storm.pull.number}", storm.pull.head_sha, "/check-runs")
    for _ in range(int(_LONGEST_SECONDS / 0.25)):
        about = (each for each in log[begun:] if each.path.startswith(f"/repos/{storm.place.full_name}/"))
        if sum(any(mark in each.path for mark in marks) for each in about) >= count:
            return
        await asyncio.sleep(0.25)


async def _begun(storm: Storm) -> None:
    """Wait until the last head has its check run: its summary comes next, and its review a call later."""
    for _ in range(int(_LONGEST_SECONDS / 0.25)):
        if any(check.head_sha == storm.heads[-1] for check in storm.place.check_runs.values()):
            return
        await asyncio.sleep(0.25)


async def _ring(built: InProcessSystem) -> None:
    """Replace the notifier, which takes 0.1 s."""
    while True:
        await asyncio.sleep(0.1)
        await built.worker.ring("")


async def _settle(built: InProcessSystem, storms: list[Storm]) -> None:
    for _ in range(1200):
        await asyncio.sleep(0.25)
        found = [seen(storm.place, storm.pull) for storm in storms]
        if all(each.published and not each.left_open for each in found):
            return


def _superseded(built: InProcessSystem, storms: list[Storm]) -> tuple[int, int]:
    """Publications of a head that were requested after the next head's delivery was answered: late ones, and those in flight."""
    deliveries = [delivery for delivery in built.sandbox.github.webhook_sender.deliveries.values() if delivery.event == "pull_request"]
    recorded = {_head(delivery.body): delivery.answered for delivery in deliveries}
    following = {head: after for storm in storms for head, after in zip(storm.heads, storm.heads[1:], strict=False)}
    late = in_flight = 0
    for head, asked_at in _publications(built.sandbox.log.exchanges, storms):
        if head in following and (behind := asked_at - recorded.get(following[head], float("inf"))) > 0:
            late += behind > IN_FLIGHT_SECONDS
            in_flight += behind <= IN_FLIGHT_SECONDS
    return late, in_flight


def _interrupted(built: InProcessSystem, storms: list[Storm]) -> tuple[int, int]:
    """Pushes recorded while the previous head was under review, by its check run; and of those, while it was being published."""
    deliveries = [delivery for delivery in built.sandbox.github.webhook_sender.deliveries.values() if delivery.event == "pull_request"]
    recorded = {_head(delivery.body): delivery.answered for delivery in deliveries}
    begun = {
        exchange.body["head_sha"]: exchange.at
        for exchange in built.sandbox.log.exchanges
        if exchange.operation == "create_check_run" and exchange.body
    }
    shown: dict[str, list[float]] = {}
    for head, asked_at in _publications(built.sandbox.log.exchanges, storms):
        shown.setdefault(head, []).append(asked_at)
    pushes = [
        (head, recorded[after]) for storm in storms for head, after in zip(storm.heads, storm.heads[1:], strict=False) if after in recorded
    ]
    under_way = sum(begun.get(head, at) < at for head, at in pushes)
    # The summary comes first, and is requested before the review is submitted.
    return under_way, sum(min(shown.get(head, [at])) < at for head, at in pushes)


def _head(body: bytes) -> str:
    return str(json.loads(body)["pull_request"]["head"]["sha"])


def _publications(exchanges: list[Exchange], storms: list[Storm]) -> Iterator[tuple[str, float]]:
    """(head, time of the request) of every submitted review and every edition of a summary."""
    reviews = {(storm.place.full_name, review.id): review.commit_sha for storm in storms for review in storm.pull.reviews}
    heads = {head[:7]: head for storm in storms for head in storm.heads}
    for exchange in exchanges:
        asked_at = exchange.at - exchange.seconds
        if exchange.operation == "submit_review" and exchange.applied:
            parts = exchange.path.split("/")
            yield reviews[f"{parts[2]}/{parts[3]}", int(parts[7])], asked_at
        elif exchange.operation in {"create_comment", "update_comment"} and exchange.applied:
            text = str((exchange.body or {}).get("body", ""))
            yield from ((head, asked_at) for short, head in heads.items() if f"Reviewed `{short}`" in text)
