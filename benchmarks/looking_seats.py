"""The scripted members of the benchmark `looking`: they look, read the results, and answer accordingly; with the bill of their calls."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.looking_cases import Case
from reviewers.context.tokens import count
from reviewers.models.model import ModelRequest, ModelResponse
from reviewers.models.price import Price
from reviewers.models.wrappers import StoredAnswer
from reviewers.values.verdict import Usage

# A frontier model in 2026, in US dollars per token.
PRICE = Price(input=5e-6, output=25e-6, cached=0.5e-6, written=6.25e-6)
# The minimum output of such a model, thinking included, for any answer.
_THOUGHT = 600
_HOSTILE = ("../../etc/passwd", "/etc/passwd", "vendor/module", "link", "config/keys.py")


@dataclass
class Bill:
    """The cost of a run's calls, and every text that was sent."""

    usd: float = 0.0
    texts: list[str] = field(default_factory=list)


@dataclass
class MemoryBook:
    """Stored answers; `again` are the questions that a model was asked more than once."""

    answers: dict[str, StoredAnswer] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)

    async def get(self, seat: str, digest: str) -> StoredAnswer | None:
        return self.answers.get(f"{seat} {digest}")

    async def put(self, seat: str, digest: str, answer: StoredAnswer) -> None:
        key = f"{seat} {digest}"
        self.again += [key] if key in self.answers else []
        self.answers[key] = answer


class LookingMember:
    """A model that looks whenever it may: the first raises the true break, the second the false one, and each judges the others'."""

    def __init__(self, name: str, number: int, case: Case, bill: Bill, seconds: float) -> None:
        self.name = name
        self.vendor = name.split("/", maxsplit=1)[0]
        self.asked: list[ModelRequest] = []
        self._number, self._case, self._bill, self._seconds = number, case, bill, seconds
        self._sent: set[str] = set()

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """Answer after a turn's time."""
        self.asked.append(request)
        await asyncio.sleep(self._seconds)
        text = self._answer(request)
        usage = self._usage(request, text)
        self._bill.usd += usage.cost_usd or 0.0
        return ModelResponse(text=text, finish="stop", usage=usage, model=self.name)

    def rounds(self) -> Iterator[tuple[str, int, int]]:
        """(round, turns, tokens shown by looks) of each round."""
        for purpose in ("opinion", "critique"):
            last = max((request for request in self.asked if request.purpose == purpose), key=lambda each: len(each.turns), default=None)
            if last is not None:
                yield purpose, len(last.turns), sum(count(turn.reply) for turn in last.turns)

    def _answer(self, request: ModelRequest) -> str:
        if request.purpose not in ("opinion", "critique"):
            ids = re.findall(r'"id": "([^"]+)"', request.prompt)
            return json.dumps({"order": list(dict.fromkeys(ids)), "summary": "See below.", "plan": []})
        if "looks" in request.answer.model_fields and not request.turns:
            return json.dumps({"looks": self._looks()})
        shown = "\n".join(turn.reply for turn in request.turns)
        return json.dumps({"findings": self._findings(shown)} if request.purpose == "opinion" else {"votes": self._votes(request, shown)})

    def _looks(self) -> list[dict[str, object]]:
        names = [{"kind": "uses", "target": name} for name in (self._case.function, self._case.guarded)]
        return [*names, *({"kind": "read", "target": target} for target in _HOSTILE)]

    def _findings(self, shown: str) -> list[dict[str, object]]:
        case = self._case
        if self._number == 0:
            cited = [case.proof.model_dump()] if case.proof.quote.strip() in shown else []
            return [_claim(case, case.true_title, f"def {case.function}(order):", cited)]
        return [_claim(case, case.false_title, f"def {case.guarded}(order):", [])] if self._number == 1 else []

    def _votes(self, request: ModelRequest, shown: str) -> list[dict[str, object]]:
        block = re.search(r"<proposals>\n(.*)\n</proposals>", request.prompt, re.DOTALL)
        return [self._vote(json.loads(row), shown) for row in block[1].split("\n")] if block else []

    def _vote(self, proposal: dict[str, str], shown: str) -> dict[str, object]:
        case = self._case
        for title, stance, line in ((case.true_title, "confirm", case.proof), (case.false_title, "reject", case.refutation)):
            if proposal["title"] == title and line.quote.strip() in shown:
                told = {"label": proposal["label"], "stance": stance, "evidence": "The caller shows it."}
                return {**told, "path": line.path, "line": line.line, "quote": line.quote}
        return {"label": proposal["label"], "stance": "unsure", "evidence": "The code shown does not decide it."}

    def _usage(self, request: ModelRequest, text: str) -> Usage:
        """A vendor's cache holds every beginning that was sent before: the prefix, then each turn."""
        parts = [
            f"{request.system}\n{request.prefix}",
            request.prompt,
            *(part for turn in request.turns for part in (turn.answer, turn.reply)),
        ]
        self._bill.texts.append("\n".join(parts))
        cached = 0
        for end in range(1, len(parts) + 1):
            beginning = "\n".join(parts[:end])
            cached = sum(count(part) for part in parts[:end]) if beginning in self._sent else cached
            self._sent.add(beginning)
        usage = Usage(calls=1, input_tokens=sum(map(count, parts)), cached_tokens=cached, output_tokens=_THOUGHT + count(text))
        written = usage.input_tokens - usage.cached_tokens
        return usage.model_copy(update={"cost_usd": PRICE.of(usage) + written * ((PRICE.written or PRICE.input) - PRICE.input)})


def _claim(case: Case, title: str, quote: str, cited: list[dict[str, object]]) -> dict[str, object]:
    return {
        "title": title,
        "body": f"{title}, so the call raises an error in production. Keep what callers rely on.",
        "severity": "high",
        "category": "api",
        "path": case.snapshot.files[0].path,
        "quote": quote,
        "line": 0,
        "suggestion": "",
        "evidence": cited,
    }
