"""A real council with scripted models and a bill for every call: what a choice of seats really cost, and which seats were refused."""

import json
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.clock import new_id
from app.councils.model_stack import CallContext, wrap_model
from app.queue.ledger import LedgerClock, SpendingCaps, SqlLedger
from app.store.engine.database import Database
from app.store.spending.ledger_calls import CostAccount
from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.context.tokens import count
from reviewers.council.deliberation import deliberate
from reviewers.council.selection import Candidate
from reviewers.council.session import Council
from reviewers.models.model import CallFault, Model, ModelError, ModelRequest, ModelResponse
from reviewers.models.price import Price
from reviewers.models.vendors import vendor_of
from reviewers.models.wrappers import RetryPolicy, StoredAnswer
from reviewers.seats.model_seat import ModelSeat
from reviewers.values.brief import Brief
from reviewers.values.verdict import Outcome, Usage, Verdict
from tests.patches import build_patch

# Another vendor's tokenizer may count this much more, plus a schema and the frame of a request.
_FINER, _SCHEMA = 1.3, 1_000
_PROPOSALS = re.compile(r"<proposals>\n(.*)\n</proposals>", re.DOTALL)
_WORDS = (
    "the caller holds no lock while the value is read",
    "an empty list raises ZeroDivisionError in average()",
    "f\"SELECT * FROM items WHERE name = '{name}'\" is built from input",
    "<div class=\"row\"><a href='{url}'>{name}</a></div> is not escaped",
    "die Prüfung läuft erst nach dem Schreiben",
    "キャッシュの鍵にテナントが含まれていない",
    'path\\\\to\\\\file and "quoted" text with\ttabs',
)


@dataclass
class Teller:
    """The bills of a run, in US dollars."""

    billed: float = 0.0
    calls: int = 0


class Shelf:
    """The stored answers of one run, in memory."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], StoredAnswer] = {}

    async def get(self, seat: str, digest: str) -> StoredAnswer | None:
        """As in AnswerBook."""
        return self._answers.get((seat, digest))

    async def put(self, seat: str, digest: str, answer: StoredAnswer) -> None:
        """As in AnswerBook."""
        self._answers[seat, digest] = answer


@dataclass
class Scripted:
    """One route to a model. `mood` is calm (usual answers), wild (anything), or worst: every answer full, every first one unusable."""

    name: str
    price: Price
    teller: Teller
    dice: random.Random
    mood: str
    quotes: Sequence[str]
    last_way: bool = True
    vendor: str = ""
    asked: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vendor = vendor_of(self.name)

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """An answer or a fault, billed as by a provider."""
        ending = self._ending(request)
        if ending in ("busy", "down"):
            raise ModelError(CallFault.UNAVAILABLE if ending == "down" else CallFault.RATE_LIMITED, ending)
        full = self.mood == "worst" or (self.mood == "wild" and self.dice.random() < 0.3)
        text = "I cannot put that into JSON." if ending == "unusable" else self._text(request, full)
        usage = self._usage(request, request.max_output_tokens if full else min(count(text) + 300, request.max_output_tokens))
        self.teller.billed += usage.cost_usd or 0.0
        self.teller.calls += 1
        if ending == "timeout":
            raise ModelError(CallFault.TIMEOUT, "no answer in time")
        known = usage if ending != "unpriced" else usage.model_copy(update={"cost_usd": None})
        return ModelResponse(text=text, finish="stop", usage=known, model=self.name)

    def _ending(self, request: ModelRequest) -> str:
        if self.mood == "calm":
            return "answer"
        if self.mood == "wild":
            return self.dice.choices(("answer", "unusable", "busy", "down", "timeout", "unpriced"), (60, 12, 8, 8, 8, 4))[0]
        if not self.last_way:
            return "timeout"
        return "answer" if "could not be read" in request.prompt else "unusable"

    def _usage(self, request: ModelRequest, output: int) -> Usage:
        counted = count(request.system) + count(request.prefix) + count(request.prompt)
        finer = _FINER if self.mood == "worst" else 1 + (_FINER - 1) * self.dice.random()
        tokens = int(counted * finer) + (_SCHEMA if self.mood == "worst" else self.dice.randrange(_SCHEMA))
        paid = max(self.price.input, self.price.written or 0.0) if self.mood == "worst" else self.price.input
        return Usage(calls=1, input_tokens=tokens, output_tokens=output, cost_usd=tokens * paid + output * self.price.output)

    def _text(self, request: ModelRequest, full: bool) -> str:
        if request.purpose == "opinion":
            return self._opinion(int(request.max_output_tokens * 0.9) if full else self.dice.randrange(50, 1_500))
        if request.purpose == "critique":
            found = _PROPOSALS.search(request.prompt)
            labels = [json.loads(line)["label"] for line in found[1].split("\n")] if found else []
            stances = ("confirm", "confirm", "reject", "unsure")
            votes = [{"label": label, "stance": self.dice.choice(stances), "evidence": "the line shows it"} for label in labels]
            return json.dumps({"votes": votes, "same": []})
        return json.dumps({"order": [], "summary": "", "plan": []})

    def _opinion(self, tokens: int) -> str:
        findings: list[dict[str, object]] = []
        while tokens > 0 and len(findings) < 60:
            body = ". ".join(self.dice.choices(_WORDS, k=self.dice.randrange(3, 18)))
            made = {
                "title": f"{self.dice.choice(_WORDS)[:70]} ({self.dice.randrange(10_000)})",
                "body": body,
                "severity": self.dice.choice(("critical", "high", "medium", "low")),
                "category": self.dice.choice(("correctness", "security", "concurrency", "errors")),
                "path": "shop/cart.py",
                "quote": self.dice.choice(self.quotes),
                "line": 0,
                "suggestion": "",
            }
            tokens -= count(json.dumps(made, ensure_ascii=False))
            if tokens > 0 or not findings:
                findings.append(made)
        return json.dumps({"findings": findings}, ensure_ascii=False)


@dataclass(frozen=True)
class Counted:
    """The end of a council: the bill, and the seats without money in the first round."""

    billed: float
    calls: int
    refused: int
    verdict: Verdict


@dataclass(frozen=True)
class Bench:
    """The environment of the councils: one database, and their settings."""

    database: Database
    dice: random.Random
    mood: str

    async def sit(self, asked: tuple[Brief, Snapshot], chosen: Sequence[Candidate], cap: float | None) -> Counted:
        """Let the chosen models review a change under a cap for the run."""
        brief, snapshot = asked
        teller, run_id = Teller(), new_id()
        ledger = SqlLedger(
            self.database, CostAccount(run_id, 1, 1), SpendingCaps(cap, None, None, None, 1_000), "sha", LedgerClock(time.time, new_id)
        )
        call_context = CallContext(Shelf(), ledger, run_id, patience=RetryPolicy(base=0.0))
        quotes = [line for line in (snapshot.files[0].head or "").split("\n") if len(line) > 12]
        models = [self._model(each, call_context, teller, quotes) for each in chosen]
        council = Council(seats=tuple(ModelSeat(model, time.monotonic) for model in models), chair=models[0])
        verdict = await deliberate(brief, snapshot, council)
        refused = sum(seat.opinion is Outcome.OVER_BUDGET for seat in verdict.seats)
        return Counted(teller.billed, teller.calls, refused, verdict)

    def _model(self, candidate: Candidate, call_context: CallContext, teller: Teller, quotes: Sequence[str]) -> Model:
        names = (candidate.model, *(f"openrouter/{candidate.model}" for _ in candidate.prices[1:]))
        priced = [(name, price) for name, price in zip(names, candidate.prices, strict=True) if price]
        return wrap_model(
            [
                (Scripted(name, price, teller, self.dice, self.mood, quotes, last_way=index == len(priced) - 1), price)
                for index, (name, price) in enumerate(priced)
            ],
            call_context,
        )


def change(dice: random.Random) -> Snapshot:
    """A change of a few lines, occasionally one that takes several parts."""
    functions = dice.choice((3, 3, 10, 30, 60, 60, 61))
    head = "\n\n".join(
        f"def price_{n}(items, rate):\n    if rate > {dice.randrange(99)}:\n        return total(items, {n}) / len(items)\n"
        f'    return db.execute(f"SELECT {dice.choice("abc")} FROM items WHERE name = {{items[{n}]}}")\n'
        for n in range(functions)
    )
    base = "def total(items, rate):\n    return sum(item.price for item in items)\n"
    files = [ChangedFile(path="shop/cart.py", base=base, head=base + head, patch=build_patch(base, base + head), additions=functions * 4)]
    # One in seven is read in several parts.
    for n in range(16 if functions > 60 else 0):
        files.append(files[0].model_copy(update={"path": f"shop/cart_{n}.py"}))
    return Snapshot(
        repository="acme/shop",
        number=1,
        url="https://github.test/acme/shop/pull/1",
        title="Prices",
        body="",
        author="ana",
        base_ref="main",
        base_sha="b" * 40,
        head_ref="prices",
        head_sha="a" * 40,
        files=tuple(files),
    )
