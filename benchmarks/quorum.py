"""Every subset of five seats fails in every way: each run ends in time, and says how many answered."""

import asyncio
import dataclasses
import itertools
import time
from dataclasses import dataclass, field

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import Repository
from app.sandbox.house import House, Plan
from app.sandbox.providers.brain import ScriptedMember
from app.sandbox.providers.model import ModelFault
from app.services.seating import warm
from app.work.kinds import KINDS
from app.work.worker import Worker
from benchmarks import tenants
from benchmarks.houses import house
from benchmarks.options import Options, progress
from reviewers.models.fallback import Circuits

_SEATS = ("gpt", "claude", "gemini", "mistral", "deepseek")
_NEEDED = 3
_KINDS = (
    ModelFault.HANG,
    ModelFault.SERVER_ERROR,
    ModelFault.RATE_LIMITED,
    ModelFault.UNAUTHORIZED,
    ModelFault.REFUSAL,
    ModelFault.GARBAGE,
    ModelFault.EMPTY,
    ModelFault.RESET,
)
_SEAT_SECONDS, _RUN_SECONDS, _GRACE = 4, 10, 5.0
_AT_ONCE = 8


@dataclass
class Case:
    """Which seats fail and how; what became of it."""

    number: int
    kind: ModelFault
    failing: tuple[str, ...]
    place: Repository | None = field(default=None)
    pull: PullRequest | None = field(default=None)
    ended: str = ""
    title: str = ""
    seconds: float = 0.0
    told: bool = False

    def seat(self, name: str) -> str:
        """A model of its own in each case, so that cases run side by side."""
        return f"ollama_chat/{name}-{self.number}"


def run(options: Options) -> dict[str, object]:
    kinds = _KINDS[1:3] if options.small else _KINDS
    return asyncio.run(_measure(options, kinds))


async def _measure(options: Options, kinds: tuple[ModelFault, ...]) -> dict[str, object]:
    subsets = [chosen for size in range(6) for chosen in itertools.combinations(_SEATS, size)]
    cases = [Case(number, kind, failing) for number, (kind, failing) in enumerate(itertools.product(kinds, subsets))]
    if options.small:
        cases = cases[:: max(1, len(cases) // 12)]
    plan = Plan(seats=("ollama_chat/gpt",), settings={"seat_seconds": _SEAT_SECONDS, "run_seconds": _RUN_SECONDS, "provider_calls": 64})
    async with house(options, plan) as plain:
        # All models are of one provider key, and a case must not be told by the failures of another: each has a circuit of its own.
        circuits = Circuits(time.monotonic, key=lambda model: model.rpartition("-")[2])
        workshop = dataclasses.replace(plain.workshop, circuits=circuits)
        built = dataclasses.replace(plain, workshop=workshop, worker=Worker(workshop, KINDS))
        await warm(built.settings)
        for start in range(0, len(cases), _AT_ONCE):
            await asyncio.gather(*(_play(built, case) for case in cases[start : start + _AT_ONCE]), _work(built, _AT_ONCE))
            progress(f"{min(start + _AT_ONCE, len(cases))} of {len(cases)} cases")
    silent = [case for case in cases if not case.told]
    late = [case for case in cases if case.seconds > _RUN_SECONDS + _GRACE]
    wrong = [case for case in cases if case.ended != ("success" if 5 - len(case.failing) >= _NEEDED else "neutral")]
    measured = {"cases": len(cases), "silent": len(silent), "late": len(late), "wrong_end": len(wrong)}
    measured |= {"max_s": round(max(case.seconds for case in cases), 1), "seat_s": _SEAT_SECONDS, "run_s": _RUN_SECONDS}
    troubles = (*silent, *late, *wrong)[:5]
    examples = [f"{each.kind.value} {'+'.join(each.failing)}: {each.ended or 'no end'} ({each.title})" for each in troubles]
    return measured | {"examples": examples, "failed": [name for name in ("silent", "late", "wrong_end") if measured[name]]}


async def _work(built: House, cases: int) -> None:
    """Claim what arrives until the batch is begun, then do it to the end."""
    await asyncio.sleep(0.5)
    await built.sandbox.settled()
    await built.worker.run_all()


async def _play(built: House, case: Case) -> None:
    world = built.sandbox.world
    config = "seats: [" + ", ".join(case.seat(name) for name in _SEATS) + "]\n"
    place = world.create_repository(f"case-{case.number}/shop", {**tenants.BASE, ".github/council.yml": config})
    for name in _SEATS:
        model = built.sandbox.providers.script(f"{name}-{case.number}", ScriptedMember(findings=[_finding(case.number)]))
        model.always = case.kind if name in case.failing else ModelFault.NONE
    pull = place.open_pull_request("Change", tenants.defect(case.number), branch="change")
    check = None
    for _ in range(1200):
        await asyncio.sleep(0.05)
        check = next((each for each in place.check_runs.values() if each.name == "Council"), check)
        if check is not None and check.status == "completed":
            break
    if check is None or check.status != "completed":
        return
    case.ended, case.title = check.conclusion or "", check.title or ""
    case.seconds = _seconds(built, place)
    answered = f"{5 - len(case.failing)} of 5"
    case.told = answered in (check.title or "") and any(answered in comment.body for comment in pull.issue.comments)


def _seconds(built: House, place: Repository) -> float:
    """From the first write of its run to the last."""
    times = [each.at for each in built.sandbox.log.writes() if each.path.startswith(f"/repos/{place.full_name}/")]
    return max(times) - min(times) if times else time.monotonic()


def _finding(number: int) -> dict[str, object]:
    return {
        "title": "The parameter is called items",
        "body": "`itemz` is not defined, so the call raises NameError.",
        "severity": "high",
        "category": "correctness",
        "path": f"app/part_{number}_0.py",
        "quote": "    return sum(item.price for item in itemz)",
        "line": 2,
        "suggestion": "",
    }
