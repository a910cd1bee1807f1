"""The command-line options of benchmarks, and the list of benchmarks. Add a benchmark here."""

import sys
from dataclasses import dataclass

NAMES = (
    "anchoring",
    "ask",
    "authz",
    "bombs",
    "budget",
    "calibration",
    "canary",
    "ci_kinds",
    "ci_logs",
    "claims",
    "cluster",
    "commands",
    "consensus",
    "council4",
    "crash",
    "critics",
    "diff",
    "drain",
    "fair",
    "hostile_text",
    "ingest",
    "inject",
    "invented",
    "learning",
    "life",
    "look",
    "looking",
    "losses",
    "machines",
    "markdown",
    "memory",
    "packing",
    "publish_faults",
    "quiet",
    "quorum",
    "reconcile",
    "recover",
    "redis",
    "review",
    "reviewable",
    "rounds",
    "scale",
    "seeded_logs",
    "secrets",
    "selection",
    "sight",
    "signature",
    "singles",
    "ssrf",
    "startup",
    "supersede",
    "web",
)


@dataclass(frozen=True)
class Options:
    """`n` is 0 for the full form. A benchmark returns the result of `benchmarks.bars.judged` on its keys and bars."""

    seed: int = 1
    n: int = 0
    small: bool = False
    database: str = "sqlite"
    files: int = 30
    github_ms: int = 100
    model_s: float = 3.0
    seats: int = 3
    repo: str = ""
    commits: int = 0
    clean: str = ""
    data: str = ""
    train: str = ""
    test: str = ""
    posted: str = ""
    kills: int = 0
    logs: str = ""
    budget: int = 0
    rates: bool = False
    pooler: bool = False

    @property
    def chosen(self) -> bool:
        """Whether the caller decided how much to measure."""
        return bool(self.n or self.kills or self.commits or self.repo or self.data or self.test or self.logs or self.clean)


def progress(text: str) -> None:
    """Report progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
