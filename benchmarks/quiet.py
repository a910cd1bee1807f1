"""Measures inline comments on clean changes when 30 % of the seats' claims are invented: scripted seats, the real deliberation.

Every change is correct. Each seat claims a defect on three in ten of them, occasionally two seats the same one, and as critics they
confirm three in ten of the false claims, reject most, and are unsure of the rest.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import Iterator, Sequence

from app.configuration.repository_config import RepositoryConfig
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text.inline_text import inline_findings
from app.reporters.text.phrases import TO_FIX
from app.reporters.text.summary_text import render
from benchmarks.bars import Bar, Count, at_most, exactly, judged
from benchmarks.options import Options, progress
from reviewers.context.snapshot import ChangedFile, FailingCheck, Snapshot
from reviewers.council.deliberation import Council, deliberate
from reviewers.models.model import ModelRequest
from reviewers.models.scripted import ScriptedModel
from reviewers.seats.model_seat import ModelSeat
from reviewers.values.brief import Brief
from reviewers.values.verdict import ProposalStanding, Verdict
from tests.patches import build_patch

FALSE = 0.3
CONFIRMED = 0.3
UNSURE = 0.2
# When two models err, they make the same error about six times in ten (docs/design.md, section 1): then they claim the same.
ALIKE = 0.6
_LINT = "The variable total is assigned but never used"
_VENDORS = ("openai", "anthropic", "google", "mistral", "deepseek")
_CLAIMS = (
    ("The lookup fails when the key is missing", "errors", "medium"),
    ("An empty list makes the average divide by zero", "correctness", "high"),
    ("Two writers can lose an update", "concurrency", "high"),
    ("The query is built from user input", "security", "critical"),
    ("The file handle is never closed", "errors", "medium"),
    ("The comparison is off by one", "correctness", "high"),
    ("The cache grows without bound", "performance", "low"),
    ("The name does not follow the convention", "style", "medium"),
    ("The retry doubles the write", "data", "high"),
    ("The timeout is shorter than the call it waits for", "errors", "medium"),
)


def run(options: Options) -> dict[str, object]:
    """`inline_per_review` counts comments; `one_sentence` is the share of complete reviews without any finding that say so in one."""
    reviews = options.n or (30 if options.small else 400)
    verdicts = asyncio.run(_reviews(options, reviews))
    inline = [len(inline_findings(_edition(snapshot, verdict))) for snapshot, verdict in verdicts]
    claims = sum(seat.findings for _, verdict in verdicts for seat in verdict.seats)
    votes = sum(len(ranked.votes) for _, verdict in verdicts for ranked in verdict.ranked)
    # A seat whose claims are all invalid is named in a further sentence.
    empty = [(snapshot, verdict) for snapshot, verdict in verdicts if not verdict.ranked and all(seat.complete for seat in verdict.voters)]
    short = sum(_one_sentence(render(_edition(snapshot, verdict), "")) for snapshot, verdict in empty)
    measured: dict[str, object] = {
        "reviews": reviews,
        "false_claims": claims,
        "inline_per_review": round(sum(inline) / reviews, 3),
        "most_inline": max(inline),
        "standings": {standing.value: sum(len(verdict.standing(standing)) for _, verdict in verdicts) for standing in ProposalStanding},
        "repeats_inline": sum(ranked.finding.title == _LINT for _, verdict in verdicts for ranked in verdict.standing(*TO_FIX)),
        "one_sentence": round(short / max(1, len(empty)), 3),
    }
    counts = (
        Count("reviews", reviews, 200, small=30, asked=True),
        Count("false_claims", claims, max(1, int(0.15 * reviews * options.seats))),
        Count("votes", votes, max(1, reviews // 10)),
    )
    bars = (
        Bar("inline_per_review", sum(inline) / reviews, at_most(0.2, small=0.5), counts),
        Bar("repeats_inline", float(str(measured["repeats_inline"])), exactly(0), counts),
        Bar("one_sentence", len(empty) - short, exactly(0), (*counts, Count("empty", len(empty), max(1, reviews // 20)))),
    )
    return judged(options, measured | {"votes": votes}, bars)


async def _reviews(options: Options, reviews: int) -> list[tuple[Snapshot, Verdict]]:
    made = []
    for number in range(reviews):
        dice = random.Random(f"{options.seed}:{number}")
        snapshot = _snapshot(number, dice)
        code = (snapshot.files[0].head or "").split("\n")
        seats = [ModelSeat(model, time.monotonic) for model in _models(snapshot, code, options.seats, dice)]
        made.append((snapshot, await deliberate(Brief(seed=f"{options.seed}:{number}"), snapshot, Council(seats=tuple(seats)))))
        if number % 100 == 99:
            progress(f"{number + 1} of {reviews} reviews")
    return made


def _models(snapshot: Snapshot, code: Sequence[str], seats: int, dice: random.Random) -> Iterator[ScriptedModel]:
    """Seats that each make a false claim at the given rate; one that errs often repeats an earlier seat's error."""
    claimed: list[dict[str, object]] = []
    for index in range(seats):
        findings = []
        if dice.random() < FALSE:
            again = claimed and dice.random() < ALIKE
            findings.append(claimed[0] if again else _claim(snapshot, dice))
            claimed.append(findings[0])
        if snapshot.failing_checks and dice.random() < 0.5:
            findings.append(_finding(snapshot, _LINT, "maintainability", "medium", 2))
        yield _scripted(f"{_VENDORS[index % len(_VENDORS)]}/seat-{index}", findings, dice.random(), code)


def _scripted(name: str, findings: list[dict[str, object]], seed: float, code: Sequence[str]) -> ScriptedModel:
    dice = random.Random(f"{name}:{seed}")

    def answer(request: ModelRequest) -> str:
        if request.purpose == "opinion":
            return json.dumps({"findings": findings})
        block = re.search(r"<proposals>\n(.*)\n</proposals>", request.prompt, re.DOTALL)
        proposals = [json.loads(row) for row in block[1].split("\n")] if block else []
        return json.dumps({"votes": [_vote(proposal, _stance(dice), code) for proposal in proposals], "same": []})

    return ScriptedModel(name, answer)


def _vote(proposal: dict[str, str], stance: str, code: Sequence[str]) -> dict[str, object]:
    """A vote with a quote that exists, right or wrong; a rejection quotes another line than the claim does."""
    own = proposal["quote"].split("\n")[0]
    quote = next(each for each in code if each.strip() and each != own) if stance == "reject" else own
    told = {"label": proposal["label"], "stance": stance, "evidence": "The line shows it."}
    return {**told, "path": proposal["path"], "line": 0, "quote": quote}


def _stance(dice: random.Random) -> str:
    roll = dice.random()
    return "confirm" if roll < CONFIRMED else "unsure" if roll < CONFIRMED + UNSURE else "reject"


def _claim(snapshot: Snapshot, dice: random.Random) -> dict[str, object]:
    title, category, severity = dice.choice(_CLAIMS)
    head = snapshot.files[0].head or ""
    # Occasionally a blank line, which proves nothing: such a claim is discarded.
    return _finding(snapshot, title, category, severity, dice.randrange(1, head.count("\n") - 1))


def _finding(snapshot: Snapshot, title: str, category: str, severity: str, line: int) -> dict[str, object]:
    file = snapshot.files[0]
    quote = (file.head or "").split("\n")[line - 1]
    return {
        "title": title,
        "body": f"{title}, when {quote.strip()} runs twice. Guard it.",
        "severity": severity,
        "category": category,
        "path": file.path,
        "quote": quote,
        "line": line,
        "suggestion": "",
    }


def _snapshot(number: int, dice: random.Random) -> Snapshot:
    """A correct new function; every third pull request also has a failing linter."""
    names = [f"{dice.choice(('load', 'save', 'merge', 'count'))}_{word}" for word in ("orders", "users", "rows", "parts", "prices")]
    head = "".join(
        f"def {name}(given):\n    total = {index}\n    return [each for each in given if each]\n\n" for index, name in enumerate(names)
    )
    path = f"shop/part_{number}.py"
    checks = (FailingCheck(name="lint", url="", lines=(f"{path}:2:5: F841 Local variable `total` is assigned to but never used",)),)
    return Snapshot(
        repository="acme/shop",
        number=number + 1,
        url=f"https://github.test/acme/shop/pull/{number + 1}",
        title="Add functions",
        body="",
        author="ana",
        base_ref="main",
        base_sha="b" * 40,
        head_ref="more",
        head_sha=f"{number:040x}",
        files=(ChangedFile(path=path, base="", head=head, patch=build_patch("", head)),),
        failing_checks=checks if number % 3 == 0 else (),
    )


def _edition(snapshot: Snapshot, verdict: Verdict) -> ReviewToPublish:
    return ReviewToPublish("r1", snapshot, verdict, RepositoryConfig(), "https://github.example")


def _one_sentence(body: str) -> bool:
    """Whether the unfolded text between the heading and the folded parts is one sentence."""
    lead = body.split("\n\n")[1]
    return lead.count(".") == 1 and "\n" not in lead
