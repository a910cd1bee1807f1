"""Lets every subset of five seats fail in every way: each run ends in time, and says how many answered.

On a virtual clock: a seat that hangs takes its whole minute, and a busy machine does not make a seat late.
"""

import dataclasses
import itertools
import time
from collections import Counter
from dataclasses import dataclass, field

from app.configuration.settings import ConfiguredProvider
from app.councils.council_factory import preload_libraries
from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.providers.model import ModelFault
from app.sandbox.providers.response_script import ScriptedMember
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from benchmarks import tenants, virtual_time
from benchmarks.bars import Bar, Count, exactly, judged
from benchmarks.options import Options, progress
from benchmarks.systems import forget_pace, lift_limits, system
from reviewers.models.circuit_breaker import Circuits
from tests.system import InProcessSystem, SystemOptions

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
_SEAT_SECONDS, _RUN_SECONDS, _GRACE = 60, 150, 5.0
_AT_ONCE = 8


@dataclass
class Case:
    """Which seats fail and how, and the result."""

    number: int
    kind: ModelFault
    failing: tuple[str, ...]
    place: SandboxRepository | None = field(default=None)
    pull: PullRequest | None = field(default=None)
    ended: str = ""
    title: str = ""
    seconds: float = 0.0
    told: bool = False

    def seat(self, name: str) -> str:
        """A separate model in each case, so that cases run concurrently.

        Ollama is asked one prompt at a time and vLLM four, so that all five seats of a case are asked at once.
        """
        return f"{'ollama_chat' if name == _SEATS[0] else 'hosted_vllm'}/{name}-{self.number}"


def run(options: Options) -> dict[str, object]:
    kinds = _KINDS[1:3] if options.small else _KINDS
    return virtual_time.run(_measure(options, kinds))


async def _measure(options: Options, kinds: tuple[ModelFault, ...]) -> dict[str, object]:
    subsets = [chosen for size in range(6) for chosen in itertools.combinations(_SEATS, size)]
    cases = [Case(number, kind, failing) for number, (kind, failing) in enumerate(itertools.product(kinds, subsets))]
    if options.small or options.n:
        cases = cases[:: max(1, len(cases) // (options.n or 12))]
    plan = SystemOptions(
        seats=("ollama_chat/gpt",), settings={"seat_seconds": _SEAT_SECONDS, "run_seconds": _RUN_SECONDS, "provider_calls": 64}
    )
    async with system(options, plan) as plain:
        # The models of a case share a circuit, like those of one provider key; failures of one case must not affect another.
        circuits = Circuits(time.monotonic, key=lambda model: model.rpartition("-")[2])
        vllm = ConfiguredProvider(name="hosted_vllm", key="", base_url=plain.sandbox.provider_url("hosted_vllm"))
        settings = plain.settings.model_copy(update={"providers": (*plain.settings.providers, vllm)})
        services = dataclasses.replace(plain.services, circuits=circuits, settings=settings)
        built = dataclasses.replace(plain, services=services, worker=Worker(services, JOB_HANDLERS), settings=settings)
        lift_limits(built)
        await preload_libraries(built.settings)
        for start in range(0, len(cases), _AT_ONCE):
            batch = cases[start : start + _AT_ONCE]
            await forget_pace(built)
            for case in batch:
                _open(built, case)
            await built.settle()
            for case in batch:
                _look(built, case)
            progress(f"{min(start + _AT_ONCE, len(cases))} of {len(cases)} cases")
        struck, whole = _struck(built, cases)
    silent = [case for case in cases if not case.told]
    late = [case for case in cases if case.seconds > _RUN_SECONDS + _GRACE]
    wrong = [case for case in cases if case.ended != ("success" if 5 - len(case.failing) >= _NEEDED else "neutral")]
    measured = {"cases": len(cases), "silent": len(silent), "late": len(late), "wrong_end": len(wrong)}
    measured |= {"max_s": round(max(case.seconds for case in cases), 1), "seat_s": _SEAT_SECONDS, "run_s": _RUN_SECONDS}
    troubles = (*silent, *late, *wrong)[:5]
    examples = [f"{trouble.kind.value} {'+'.join(trouble.failing)}: {trouble.ended or 'no end'} ({trouble.title})" for trouble in troubles]
    measured |= {"struck": dict(struck), "examples": examples}
    failing = Counter(case.kind.value for case in cases for _ in case.failing)
    counts = (
        Count("cases", len(cases), 8 * 32, small=12, asked=True),
        *(Count(f"struck_{kind}", struck[kind], most, small=most) for kind, most in failing.items()),
        Count("answered", whole, sum(5 - len(case.failing) for case in cases) or 1, small=1),
    )
    return judged(
        options, measured, [Bar(name, float(str(measured[name])), exactly(0), counts) for name in ("silent", "late", "wrong_end")]
    )


def _struck(built: InProcessSystem, cases: list[Case]) -> tuple[Counter[str], int]:
    """By kind, the seats that were to fail and whose provider saw them fail so; and how many of the others answered."""
    faults: dict[str, set[str]] = {}
    for call in built.sandbox.providers.calls:
        faults.setdefault(call.model, set()).add(call.fault)
    struck: Counter[str] = Counter()
    answered = 0
    for case in cases:
        for name in _SEATS:
            seen = faults.get(f"{name}-{case.number}", set())
            struck[case.kind.value] += name in case.failing and case.kind.value in seen
            answered += name not in case.failing and bool(seen & {"", ModelFault.NONE.value})
    # A hanging call is logged when it ends, an hour later; until then, its provider is still thinking.
    struck[ModelFault.HANG.value] += built.sandbox.providers.waiting
    return struck, answered


def _open(built: InProcessSystem, case: Case) -> None:
    world = built.sandbox.world
    config = "seats: [" + ", ".join(case.seat(name) for name in _SEATS) + "]\n"
    place = world.create_repository(f"case-{case.number}/shop", {**tenants.BASE, ".github/council.yml": config})
    for name in _SEATS:
        model = built.sandbox.providers.script(f"{name}-{case.number}", ScriptedMember(findings=[_finding(case.number)]))
        model.always = case.kind if name in case.failing else ModelFault.NONE
    case.place, case.pull = place, place.open_pull_request("Change", tenants.defect(case.number), branch="change")


def _look(built: InProcessSystem, case: Case) -> None:
    """GitHub's state after the batch."""
    place, pull = case.place, case.pull
    assert place is not None and pull is not None
    check = next((each for each in place.check_runs.values() if each.name == "Council"), None)
    if check is None or check.status != "completed":
        return
    case.ended, case.title = check.conclusion or "", check.title or ""
    case.seconds = _seconds(built, place)
    answered = f"{5 - len(case.failing)} of 5"
    case.told = answered in (check.title or "") and any(answered in comment.body for comment in pull.issue.comments)


def _seconds(built: InProcessSystem, place: SandboxRepository) -> float:
    """From the first write of its run to the last."""
    times = [write.at for write in built.sandbox.log.writes() if write.path.startswith(f"/repos/{place.full_name}/")]
    return max(times) - min(times) if times else float("inf")


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
