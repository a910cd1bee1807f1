"""Walks randomly through the lives of pull requests, with a fault at any call: whatever GitHub does, each ends in the right state.

The walk knows its actions, `life_oracle` is a handwritten table of their results, and `life_checker` reads GitHub's state. A seed replays
the same actions. A virtual clock makes waits for limits and retries pass at once.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select

from app.configuration.settings import InstanceCaps, MoneyCaps
from app.sandbox.faults import FaultKind, FaultRule
from app.sandbox.github.webhook_sender import DeliveryMode
from app.sandbox.github.world import wall_clock
from app.sandbox.providers.response_script import ScriptedMember
from app.store.engine.upsert import sql_table
from app.store.tables.core import JobRow
from app.work.schedule import queue
from benchmarks import virtual_time
from benchmarks.bars import Bar, Count, exactly, judged
from benchmarks.life_actions import ACTIONS, CONFIGS, act, choose
from benchmarks.life_checker import OPINION, Wrongs, check
from benchmarks.life_walk import DEFECT, PATH, Walk
from benchmarks.options import Options, progress
from benchmarks.systems import system
from tests.system import InProcessSystem, SystemOptions
from webhooks.jobs import Reconcile

SEATS = ("openai/gpt-5.5", "anthropic/claude-opus-5-5")
# Many walks share a day and two people, so there are no spending limits; other tests cover those.
UNLIMITED = MoneyCaps(run=None, pull_request=None, day=None, month=None)
PLAN = SystemOptions(
    seats=SEATS,
    settings={"fallback": "off", "mirrors": False, "caps": UNLIMITED, "instance_caps": InstanceCaps(), "paid_commands_a_day": 100_000},
)
STEPS = 30
ZERO = ("stale", "stuck", "unanswered", "overbought", "forbidden", "bypassed")
FINDING = {
    "title": "Input is evaluated",
    "body": "`eval` runs whatever the caller sends. Parse the number instead.",
    "severity": "high",
    "category": "security",
    "path": PATH,
    "quote": DEFECT,
    "line": 2,
    "suggestion": "",
    "when": DEFECT,
}
# The faults of a call, by name: the harm, and the seconds of a limit, 0 if it states none.
FAULTS: dict[str, tuple[FaultKind, float]] = {
    "reset": (FaultKind.RESET, 0.0),
    "reset_after": (FaultKind.RESET_AFTER, 0.0),
    "bad_gateway": (FaultKind.BAD_GATEWAY, 0.0),
    "bad_gateway_after": (FaultKind.BAD_GATEWAY_AFTER, 0.0),
    "unavailable": (FaultKind.UNAVAILABLE, 0.0),
    "secondary": (FaultKind.SECONDARY, 20.0),
    "secondary_unsaid": (FaultKind.SECONDARY, 0.0),
    "abuse": (FaultKind.ABUSE, 0.0),
    "too_many": (FaultKind.TOO_MANY, 20.0),
    "primary": (FaultKind.PRIMARY, 20.0),
    "unprocessable": (FaultKind.UNPROCESSABLE, 0.0),
    "partial": (FaultKind.PARTIAL, 0.0),
}
# Where a fault can hit that does not apply to every call. Fewer steps make that call, so its fault is drawn more often.
OFTEN = {"unprocessable": 4, "partial": 2}
PLACES = {"unprocessable": ("POST", "/reviews$"), "partial": ("POST", "/graphql$")}
_REST_SECONDS = 1_200.0


@dataclass
class Tally:
    """The actions of all walks."""

    actions: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    wrongs: Wrongs = field(default_factory=Wrongs)


def run(options: Options) -> dict[str, object]:
    n = options.n or (2 if options.small else 300)
    return virtual_time.run(_measure(options, n), step=2.0)


async def _measure(options: Options, n: int) -> dict[str, object]:
    async with system(options, PLAN) as built:
        tally = await walk_lives(built, options.seed, n)
    wrong = {name: tally.wrongs.counts[name] for name in ZERO}
    measured = {"walks": n, "steps": tally.steps, "actions": dict(tally.actions), "struck": dict(tally.struck), **wrong}
    measured["bought"] = _bought(built)
    counts = [
        Count("walks", n, 300, small=2, asked=True),
        Count("steps", tally.steps, 9_000, small=60, asked=True),
        Count("bought", _bought(built), 1_000, small=2, asked=True),
        Count("kinds_of_actions", len(tally.actions), len(ACTIONS), small=len(ACTIONS) // 2, asked=True),
    ]
    if not options.small:
        counts.append(Count("fewest_done", min(tally.actions[name] for name in ACTIONS), 100, asked=True))
        counts.append(Count("fewest_struck", min(tally.struck[name] for name in FAULTS), 50, asked=True))
    return judged(options, measured | {"database": options.database}, [Bar(name, wrong[name], exactly(0), counts) for name in ZERO])


async def walk_lives(built: InProcessSystem, seed: int, n: int) -> Tally:
    """Walk `n` lives in a system of `PLAN`, under `virtual_time.run`."""
    tally = Tally()
    built.sandbox.world.now = virtual_time.today
    # githubkit reads the end of a limit by the wall clock, which the virtual one leaves behind.
    built.sandbox.world.client_clock = wall_clock
    limits = built.sandbox.github.limits
    limits.writes_minute = limits.writes_hour = None
    for seat in SEATS:
        built.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=[FINDING]))
    working = asyncio.create_task(built.worker.run_until_stopped())
    ringing = asyncio.create_task(_ring(built))
    for number in range(n):
        await _walk(built, tally, f"{seed}:{number}", number)
        progress(f"{number + 1} of {n} walks, {tally.steps} steps, {dict(tally.wrongs.counts)}")
    built.worker.stop()
    ringing.cancel()
    await working
    return tally


async def _walk(built: InProcessSystem, tally: Tally, seed: str, number: int) -> None:
    """One walk. Every deviation is reported with the actions that led to it; a walk whose jobs do not end stops with them."""
    dice, sandbox = random.Random(seed), built.sandbox
    place = sandbox.world.create_repository(f"owner-{number}/shop", {"README.md": "# shop\n", ".github/council.yml": CONFIGS["plain"]})
    place.branches["release"] = place.branches["main"]
    place.add_collaborator("ada", "write")
    place.add_collaborator("mia", "admin")
    walk = Walk(built, place, dice)
    bought, logged, said = _bought(built), len(sandbox.log.exchanges), len(tally.wrongs.lines)
    await sandbox.settled()
    for step in range(STEPS):
        fault = _arm(built, dice)
        name = choose(walk)
        act(walk, name)
        walk.unsettled()
        if name != "lose_delivery":
            sandbox.github.webhook_sender.mode = DeliveryMode.SEND
        tally.actions[name] += 1
        walk.trail.append(name + "".join(f"!{struck}" for struck in fault))
        tally.steps += 1
        await sandbox.settled()
        if step == STEPS - 1 or dice.random() < 0.5:
            rested = await _rest(built, walk)
            if not rested:
                tally.wrongs.add("stuck", f"jobs do not end: {await _waiting(built)}")
            check(walk, tally.wrongs, sandbox.log.exchanges[logged:], _bought(built) - bought)
            logged = len(sandbox.log.exchanges)
            for line in tally.wrongs.lines[said:]:
                progress(f"walk {number}: {line} after {' '.join(walk.trail)}")
            said = len(tally.wrongs.lines)
            walk.trail.append("|")
            if not rested:
                break
        else:
            await asyncio.sleep(dice.random() * 3)
        for struck, each in fault.items():
            tally.struck[struck] += each.hits
    sandbox.github.faults.waiting.clear()
    await _leave(built, walk, tally)


async def _leave(built: InProcessSystem, walk: Walk, tally: Tally) -> None:
    """The repository is transferred to an account without the App: all its jobs end, and no sweep finds it again."""
    built.sandbox.github.webhook_sender.mode = DeliveryMode.SEND
    if walk.is_suspended:
        built.sandbox.world.suspend(walk.installation, False)
    built.sandbox.world.uninstall(walk.installation)
    tally.actions["transfer_away"] += 1
    if not await _rest(built, walk):
        tally.wrongs.add("stuck", f"jobs do not end after the App has gone: {await _waiting(built)}")


def _arm(built: InProcessSystem, dice: random.Random) -> dict[str, FaultRule]:
    """At most one fault, which hits one of the next calls; an earlier pending one is cancelled."""
    faults = built.sandbox.github.faults
    faults.waiting.clear()
    name, skip = dice.choices(list(FAULTS), [OFTEN.get(name, 1) for name in FAULTS])[0], dice.randrange(8)
    if dice.random() < 0.3:
        return {}
    harm, seconds = FAULTS[name]
    method, path = PLACES.get(name, ("*", "."))
    return {name: faults.add(method, path, harm, skip=0 if name in PLACES else skip, retry_after=seconds, field=".")}


async def _rest(built: InProcessSystem, walk: Walk) -> bool:
    """Wait until no job is left; False if that takes more than an hour."""
    built.sandbox.github.webhook_sender.mode = DeliveryMode.SEND
    if walk.is_lost:
        walk.sweep()
        await queue(built.services, [Reconcile(slot=f"{walk.place.id}:{len(built.sandbox.log.exchanges)}")])
        walk.is_lost = False
    for _ in range(int(_REST_SECONDS / 2)):
        await built.sandbox.settled()
        if not await _waiting(built):
            return True
        await asyncio.sleep(1)
    return False


async def _waiting(built: InProcessSystem) -> dict[str, int]:
    """Unfinished jobs, by kind."""
    jobs = sql_table(JobRow)
    async with built.services.database.read() as connection:
        rows = await connection.execute(select(jobs.c.kind, func.count()).where(jobs.c.finished_at.is_(None)).group_by(jobs.c.kind))
        return {row[0]: row[1] for row in rows}


def _bought(built: InProcessSystem) -> int:
    """Paid reviews: how often one seat was asked for its opinion."""
    return sum(call.question == OPINION and call.model == SEATS[0].partition("/")[2] for call in built.sandbox.providers.calls)


async def _ring(built: InProcessSystem) -> None:
    """Wake the workers."""
    while True:
        await asyncio.sleep(0.2)
        await built.worker.ring("")
