"""Insert four weeks of reviews, questions and feedback into the tables."""

import random
from dataclasses import dataclass
from typing import Any

from sqlmodel import SQLModel

from app.sandbox.demo import MEMBERS
from app.store.engine.database import Database
from app.store.engine.upsert import insert_or
from app.store.tables.consultations import ConsultationOutcomeRow, ConsultationRow
from app.store.tables.core import FindingRow, JobRow, LedgerRow, PublicationRow, RunRow, VoteRow
from app.store.tables.decisions import DispositionRow, OutcomeRow
from app.store.tables.pages import RedCheckRow
from reviewers.learning.feedback import Source

_DAY, _DAYS = 86_400.0, 27
# A seat's model, the cost of its calls, and how often its findings are upheld and accepted.
_SEATS = dict(zip((member.partition("/")[2] for member in MEMBERS), ((0.031, 0.71), (0.062, 0.78), (0.018, 0.49)), strict=True))
_MODELS = {member.partition("/")[2]: member for member in MEMBERS}
_CATEGORIES = {"correctness": 0.8, "security": 0.7, "concurrency": 0.6, "data": 0.65, "performance": 0.35, "api": 0.5}
_CAUSES = ("failed test", "failed test", "failed test", "compile or lint error", "compile or lint error", "timeout", "log not readable")
_CHANGES = (
    "Retry charges that time out",
    "Round totals half to even",
    "Move sessions to Redis",
    "Drop the old coupon table",
    "Show the tax of each line",
    "Cache exchange rates for a minute",
    "Sign webhooks with the new key",
    "Split orders by warehouse",
    "Refund partial deliveries",
)
_ENDS = ("published",) * 12 + ("superseded", "superseded", "incomplete", "cancelled")
_SIGNS = (Source.CHANGED, Source.RESOLVED, Source.THUMBS, Source.DISMISSED)


@dataclass
class _Past:
    """Rows by table. The random values are the same in every run."""

    repository_id: int
    name: str
    dice: random.Random
    rows: dict[type[SQLModel], list[dict[str, Any]]]

    def put(self, row: type[SQLModel], **values: object) -> None:
        self.rows.setdefault(row, []).append({"repository_id": self.repository_id, **values})

    def run(self, number: int, at: float) -> None:
        """A review: its job, calls, findings and feedback."""
        dice, name = self.dice, f"past-{number:04d}"
        state, took = dice.choice(_ENDS), dice.uniform(18, 70)
        head = f"{dice.getrandbits(160):040x}"
        place = {"number": 200 + number, "installation_id": 1}
        blank = dict.fromkeys(("stage", "owner", "error", "lane"), "") | dict.fromkeys(("failures", "crashes", "fence", "turn"), 0)
        times = {"run_at": at, "created_at": at, "finished_at": at + took, "lease_until": 0.0, "blame": 0.0, "company": 1}
        self.put(JobRow, id=name, key=name, kind="review", payload="{}", state="done", **place, **blank, **times)
        found = dice.choice((0, 0, 1, 1, 2, 3)) if state == "published" else 0
        words = {"title": dice.choice(_CHANGES), "author": dice.choice(("jo-park", "ana-lim", "tom-weber")), "login": "", "reason": ""}
        headline = (f"{found} to fix" if found else "nothing to fix") if state == "published" else ""
        self.put(
            RunRow, id=name, key=name, job_id=name, repository=self.name, head_sha=head, trigger="auto", cause="auto", state=state,
            headline=headline, created_at=at, updated_at=at + took, **place, **words,
        )  # fmt: skip
        for seat, (usd, _) in _SEATS.items():
            self._call(name, number, seat, at, usd)
        self.rows.setdefault(PublicationRow, []).append(
            {"owner": name, "surface": "check", "marker": "", "remote_id": "", "url": "", "concluding": True, "done": True}
            | {"created_at": at + dice.uniform(0.4, 3.0)}
        )
        for short in range(found + dice.choice((0, 1)) if state == "published" else 0):
            self._finding(name, number, short, at)
        if dice.random() < 0.3:
            self.put(RedCheckRow, run_id=name, name="ci", cause=dice.choice(_CAUSES), red_before=dice.random() < 0.25, at=at)

    def _call(self, run: str, number: int, seat: str, at: float, usd: float) -> None:
        model = _MODELS[seat]
        spent = usd * self.dice.uniform(0.5, 1.6)
        tokens = {"input_tokens": 9_000, "cached_tokens": 0, "output_tokens": 700}
        values = {"number": 200 + number, "purpose": "opinion", "provider": "", "model": model, "fault": "", "reserved_usd": usd}
        self.put(
            LedgerRow, id=f"{run}-{seat}", run_id=run, spent_usd=spent, created_at=at, settled_at=at + 9, **values, **tokens
        )  # fmt: skip

    def _finding(self, run: str, number: int, short: int, at: float) -> None:
        dice = self.dice
        seats = dice.sample(list(_SEATS), k=dice.choice((1, 1, 2)))
        category = dice.choice(list(_CATEGORIES))
        likely = (_SEATS[seats[0]][1] + _CATEGORIES[category]) / 2
        kept, mark = dice.random() < likely, f"{run}-{short}"
        raised = ",".join(seats)
        self.put(
            FindingRow, run_id=run, short_id=f"f{short}", number=200 + number, fingerprint=mark, category=category, raised_by=raised,
            standing="recommended" if kept else dice.choice(("rejected", "disputed", "also noted")), severity="high", path="a.py", line=3,
            title="", confidence=0.7, inline=kept,
        )  # fmt: skip
        other = next(seat for seat in _SEATS if seat not in seats)
        stance = "confirm" if kept and dice.random() < 0.6 else "unsure"
        vote = {"run_id": run, "short_id": f"f{short}", "seat": other, "stance": stance, "evidence": ""}
        self.rows.setdefault(VoteRow, []).append(vote)
        if kept and dice.random() < 0.7:
            right = dice.random() < likely + 0.15
            source = dice.choice(_SIGNS[:3]) if right else Source.DISMISSED
            by = dict.fromkeys(("confirmed_by", "rejected_by"), "") | {
                "raised_by": ",".join(_MODELS[seat] for seat in seats),
                "category": category,
                "path": "a.py",
            }
            self.put(OutcomeRow, number=200 + number, fingerprint=mark, source=source, right=right, at=at + 3_600, **by)

    def question(self, number: int, at: float) -> None:
        """An answered question with feedback."""
        name, helpful = f"past-question-{number:03d}", self.dice.random() < 0.75
        texts = {
            "repository": self.name,
            "login": "ana-lim",
            "specialist": "ask",
            "question": "Why?",
            "title": "",
            "summary": "",
            "url": "",
        }
        self.put(
            ConsultationRow, id=name, key=name, installation_id=1, number=300 + number, comment_id=0, state="answered", resolved=0,
            score=1 if helpful else -1, created_at=at, updated_at=at + 30, kept_until=at + 90 * _DAY, **texts,
        )  # fmt: skip
        said = {"id": name, "consultation_id": name, "login": "ana-lim", "kind": "thumbs", "number": 0, "why": "", "at": at + 60}
        if self.dice.random() < 0.8:
            self.rows.setdefault(ConsultationOutcomeRow, []).append(said)

    def decide(self, number: int, short: int, at: float, *, right: bool) -> None:
        """A decision that suggests a rule: confirmed errors in payments, or dismissed style in docs/api."""
        mark, run = f"rule-{right}-{number}-{short}", f"past-{number:04d}"
        category, path = ("errors", "payments/client.py") if right else ("style", "docs/api/orders.md")
        title = "A refused charge is not retried" if right else "The heading is not in sentence case"
        found = {"number": 200 + number, "fingerprint": mark, "category": category, "path": path}
        shown = {"standing": "recommended", "severity": "low", "line": 3, "title": title, "confidence": 0.6, "inline": False}
        self.put(FindingRow, run_id=run, short_id=f"r{short}", raised_by="", **found, **shown)
        source = Source.SAID if right else Source.DISMISSED
        self.put(OutcomeRow, source=source, right=right, at=at, raised_by="", confirmed_by="", rejected_by="", **found)
        if not right:
            who = {"kind": "dismissed", "login": ("jo-park", "ana-lim")[number % 2], "reason": "", "finding": "{}", "at": at}
            self.put(DispositionRow, number=200 + number, fingerprint=mark, short_id=f"r{short}", path=path, **who)


async def live_through(database: Database, repository_id: int, name: str, now: float) -> None:
    """Store four weeks that end yesterday, with little activity on weekends."""
    past = _Past(repository_id, name, random.Random(7), {})
    number = 0
    for day in range(_DAYS, 0, -1):
        busy = day % 7 not in (0, 1)
        for _ in range(past.dice.randint(3, 9) if busy else past.dice.randint(0, 1)):
            number += 1
            past.run(number, now - day * _DAY + past.dice.uniform(0, 30_000))
            if past.dice.random() < 0.25:
                past.question(number, now - day * _DAY + past.dice.uniform(0, 30_000))
    for number in range(1, 5):
        for short in range(2):
            past.decide(number, short, now - number * _DAY, right=False)
            past.decide(number, short + 2, now - number * _DAY, right=True)
    async with database.write() as connection:
        for row, values in past.rows.items():
            known = set(row.model_fields)
            await connection.execute(
                insert_or(row, connection.dialect.name), [{k: v for k, v in value.items() if k in known} for value in values]
            )
