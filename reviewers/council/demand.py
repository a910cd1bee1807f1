"""Measures how demanding a change is to review: its size, spread, churn and risk, as a level with its reasons."""

from collections import Counter
from collections.abc import Sequence

from reviewers.context.reviewable import why_not
from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.council.domains import LIGHT, RISKY, Domain, domains_of
from reviewers.council.presets import EffortLevel
from reviewers.values.brief import Brief
from reviewers.values.value import FrozenValue

_SIZES = (10, 50, 200, 600)
_FILES = (5, 15)
_FOLDERS = 3
_RESTLESS = 3
_LEVELS = ((2, EffortLevel.TRIVIAL), (4, EffortLevel.ORDINARY), (6, EffortLevel.LARGE))
_TELLING = tuple(domain for domain in Domain if domain is not Domain.CODE)


class Demand(FrozenValue):
    """How demanding a change is. `prompts` are the tokens of its parts for a seat; `urgent` is the reason why it cannot wait, or ""."""

    level: EffortLevel
    domains: tuple[Domain, ...] = ()
    lines: int = 0
    files: int = 0
    changed: int = 0
    prompts: tuple[int, ...] = ()
    urgent: str = ""

    @property
    def said(self) -> str:
        """As one clause."""
        about = f", touching {', '.join(self.domains)}" if self.domains else ""
        size = f"{self.lines} {'line' if self.lines == 1 else 'lines'} in {self.files} of {self.changed} changed files"
        return f"{('a small', 'an ordinary', 'a large', 'a demanding')[self.level]} change ({size}{about})"


def measure_demand(brief: Brief, snapshot: Snapshot, prompts: Sequence[int] = (), urgent: str = "") -> Demand:
    """Measure a change; files that no seat is shown do not count."""
    files = [file for file in snapshot.files if not why_not(brief, file)]
    about = [domains_of(file) for file in files]
    touched = frozenset[Domain]().union(*about)
    lines = sum(file.additions + file.deletions or _rows(file) for file in files)
    points = sum(lines >= size for size in _SIZES) + sum(len(files) > many for many in _FILES)
    points += len({file.path.rpartition("/")[0] for file in files}) > _FOLDERS
    points += max(Counter(change.path for change in snapshot.project.recent).values(), default=0) >= _RESTLESS
    points += min(2, len(touched & RISKY)) + (Domain.SECURITY in touched)
    level = next((level for below, level in _LEVELS if points < below), EffortLevel.DEMANDING)
    if touched and touched <= LIGHT:
        level = min(level, EffortLevel.ORDINARY if Domain.TESTS in touched else EffortLevel.TRIVIAL)
    return Demand(
        level=level,
        domains=tuple(domain for domain in _TELLING if domain in touched),
        lines=lines,
        files=len(files),
        changed=len(snapshot.files),
        prompts=tuple(prompts),
        urgent=urgent,
    )


def _rows(file: ChangedFile) -> int:
    return sum(line.startswith(("+", "-")) for line in (file.patch or "").split("\n"))
