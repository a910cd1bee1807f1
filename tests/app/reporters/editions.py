"""A verdict to publish, and an outbox in memory."""

from dataclasses import replace

from app.configuration.repository_config import RepositoryConfig, ReviewConfig
from app.reporters.review_to_publish import ReviewToPublish
from app.store.reviews.outbox import OutboxEntry
from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.values.finding import Category, Evidence, Finding, Location, Severity
from reviewers.values.verdict import (
    Coverage,
    Outcome,
    ProposalStanding,
    RankedFinding,
    SeatReport,
    SeatVote,
    Stance,
    Unseen,
    Usage,
    Verdict,
)

CART = "def total(items):\n    return sum(items)\n\n\ndef average(items):\n    return total(items) / len(items)\n"
PATCH = "@@ -0,0 +1,6 @@\n" + "\n".join(f"+{row}" for row in CART.splitlines())
SEATS = ("gpt-5.5", "claude-opus-5-5", "gemini-3.1-pro")


class MemoryOutbox:
    """An outbox in memory with the guarantees of the SQL outbox, for one pull request; `run` is the run of its effects.

    A second look happens only after GitHub shows all earlier writes.
    """

    def __init__(self, run: str = "r1") -> None:
        self.run = run
        self.entries: dict[str, OutboxEntry] = {}
        self.summary: int | None = None

    async def intend(self, surface: str) -> OutboxEntry:
        if surface in self.entries:
            return replace(self.entries[surface], fresh=False)
        self.entries[surface] = OutboxEntry(surface, f"<!-- council:{surface} run={self.run} -->", fresh=True)
        return self.entries[surface]

    async def recall(self, surface: str) -> OutboxEntry | None:
        return self.entries.get(surface)

    async def created(self, surface: str, remote_id: str, url: str) -> OutboxEntry:
        if surface == "summary":
            self.summary = int(remote_id)
        return self._change(surface, remote_id=remote_id, url=url)

    async def conclude(self, surface: str) -> None:
        self._change(surface, concluding=True)

    async def done(self, surface: str) -> None:
        self._change(surface, done=True)

    async def summary_comment(self) -> int | None:
        return self.summary

    def _change(self, surface: str, **values: object) -> OutboxEntry:
        self.entries[surface] = replace(self.entries[surface], fresh=False, **values)  # type: ignore[arg-type]
        return self.entries[surface]


PROOF = Evidence(path="cart.py", line=4, quote="def average(items):")


def finding(title: str, line: int | None = 6, **more: object) -> Finding:
    body = "With no items `len(items)` is 0 and `average` raises ZeroDivisionError."
    values: dict[str, object] = {
        "seat": SEATS[0],
        "title": title,
        "body": body,
        "severity": Severity.HIGH,
        "category": Category.CORRECTNESS,
        "location": Location(path="cart.py", line=line),
        "quote": "    return total(items) / len(items)",
    }
    return Finding.model_validate(values | more)


def ranked(title: str, standing: ProposalStanding = ProposalStanding.RECOMMENDED, line: int | None = 6, **more: object) -> RankedFinding:
    stance = Stance.REJECT if standing in {ProposalStanding.DISPUTED, ProposalStanding.REJECTED} else Stance.CONFIRM
    fingerprint = title.encode().hex()[:40]
    return RankedFinding(
        finding=finding(title, line, **more),
        standing=standing,
        confidence=0.8 if stance is Stance.CONFIRM else 0.2,
        calibrated=False,
        raised_by=SEATS[:1],
        votes=(SeatVote(seat=SEATS[1], stance=stance, evidence="Line 6 divides without a check.", proof=PROOF),),
        why="two vendors agree",
        fingerprint=fingerprint,
        short_id=fingerprint[:4],
    )


def verdict(*findings: RankedFinding, **more: object) -> Verdict:
    report = SeatReport(
        seat=SEATS[0],
        vendor="openai",
        is_model=True,
        opinion=Outcome.ANSWERED,
        critique=Outcome.ANSWERED,
        findings=1,
        usage=Usage(calls=2, input_tokens=12_345, output_tokens=678, cost_usd=0.05),
        seconds=9.0,
    )
    seats = tuple(report.model_copy(update={"seat": name, "vendor": name.split("-")[0]}) for name in SEATS)
    values: dict[str, object] = {
        "head_sha": "d4e5f6a7d4e5f6a7d4e5f6a7d4e5f6a7d4e5f6a7",
        "ranked": findings,
        "discarded": (),
        "seats": seats,
        "quorum": 2,
        "answered": 3,
        "coverage": Coverage(files=2, seen=1, unseen=(Unseen(path="poetry.lock", reason="a lock file"),)),
        "summary": "An average of nothing divides by zero. Fix that before merging.",
        "plan": ("Return 0 for an empty cart (`cart.py:6`).", "Verify: `pytest -k average`."),
        "usage": Usage(calls=6, cost_usd=0.14),
        "seconds": 38.0,
    }
    return Verdict.model_validate(values | more)


def snapshot(head_sha: str = "d4e5f6a7" * 5, number: int = 1) -> Snapshot:
    return Snapshot(
        repository="acme/shop",
        number=number,
        url=f"http://127.0.0.1/acme/shop/pull/{number}",
        title="Average",
        body="",
        author="octo-dev",
        base_ref="main",
        base_sha="b" * 40,
        head_ref="change",
        head_sha=head_sha,
        files=(ChangedFile(path="cart.py", patch=PATCH, head=CART),),
    )


def edition(*findings: RankedFinding, review: ReviewConfig | None = None, **more: object) -> ReviewToPublish:
    config = RepositoryConfig(review=review or ReviewConfig())
    basis = ReviewToPublish("r1", snapshot(), verdict(*findings), config, "https://github.com")
    return replace(basis, **more)  # type: ignore[arg-type]
