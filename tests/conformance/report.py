"""The report of checks and failures, counted by check."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.conformance.fetch import say


@dataclass
class Report:
    """Counts checks; a repeated failure is counted but printed once."""

    passed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    said: set[str] = field(default_factory=set)

    def add(self, check: str, subject: str, problems: Sequence[str]) -> None:
        """Record one check of one subject."""
        if not problems:
            self.passed[check] += 1
            return
        self.failed[check] += 1
        for problem in problems:
            line = f"FAILED {check}: {subject}: {problem}"
            if line not in self.said:
                self.said.add(line)
                say(line)

    def lines(self) -> list[str]:
        """A line per kind of check."""
        return [f"{check}: {self.passed[check]} passed, {self.failed[check]} failed" for check in sorted({*self.passed, *self.failed})]

    @property
    def last_line(self) -> str:
        return f"{self.passed.total()} passed, {self.failed.total()} failed"
