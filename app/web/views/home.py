"""The view of the home page: a row per repository, and totals. Change here what a row shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.github.permissions import Permission
from app.github.users import SeenRepository
from app.store.dashboard import Dashboard
from app.store.reviews.run_list import RunSummary

SEVERITIES = ("critical", "high", "medium", "low")
# The share of a cap from which people are warned.
NEAR_CAP = 0.8


@dataclass(frozen=True)
class FirstStep:
    """One of the first steps of a repository; `address` is the page for it, or ""."""

    done: bool
    title: str
    words: str
    address: str = ""


@dataclass(frozen=True)
class Money:
    """The cost this month and its cap in US dollars; a cap of None is no limit."""

    usd: float
    cap: float | None

    @property
    def tone(self) -> str:
        """ "bad" if the cap is reached, "warn" from 80 % on."""
        if self.cap is None or self.usd < NEAR_CAP * self.cap:
            return ""
        return "bad" if self.usd >= self.cap else "warn"


@dataclass(frozen=True)
class HomeRow:
    """A repository. `writes`: the person can see its runs; `steps`: what to do before the first review."""

    repository: SeenRepository
    writes: bool
    last: RunSummary | None
    open: tuple[tuple[str, int], ...]
    money: Money
    steps: tuple[FirstStep, ...]

    @property
    def name(self) -> str:
        return self.repository.full_name.partition("/")[2]


@dataclass(frozen=True)
class Owner:
    """The repositories of one account."""

    name: str
    installation_id: int
    rows: tuple[HomeRow, ...]


def list_owners(
    repositories: Sequence[SeenRepository], board: Dashboard, caps: Mapping[int, float | None], *, has_model: bool
) -> tuple[Owner, ...]:
    """Every repository by its account, in alphabetical order; `caps` are by repository."""

    def owner_of(repository: SeenRepository) -> str:
        return repository.full_name.partition("/")[0]

    ordered = sorted(repositories, key=lambda each: (owner_of(each).lower(), each.full_name.lower()))
    rows = (_row(each, board, caps.get(each.id), has_model) for each in ordered)
    grouped = ((name, tuple(mine)) for name, mine in groupby(rows, key=lambda row: owner_of(row.repository)))
    return tuple(Owner(name, mine[0].repository.installation_id, mine) for name, mine in grouped)


def _row(repository: SeenRepository, board: Dashboard, cap: float | None, has_model: bool) -> HomeRow:
    last, writes = board.last.get(repository.id), repository.permission >= Permission.WRITE
    counted = board.open.get(repository.id, {})
    return HomeRow(
        repository=repository,
        writes=writes,
        last=last,
        open=tuple((severity, counted[severity]) for severity in SEVERITIES if counted.get(severity)),
        money=Money(board.usd.get(repository.id, 0.0), cap),
        steps=_steps(repository, board, has_model) if writes and last is None else (),
    )


def _steps(repository: SeenRepository, board: Dashboard, has_model: bool) -> tuple[FirstStep, ...]:
    opened = repository.id in board.opened
    keys = f"/installations/{repository.installation_id}/keys"
    return (
        FirstStep(True, "Install Council", "The App can see this repository."),
        FirstStep(has_model, "Add a model key", "A model can be asked." if has_model else "Set a provider key.", "" if has_model else keys),
        FirstStep(False, "Choose what is reviewed", "Optional: the defaults work.", f"/repos/{repository.full_name}/settings"),
        FirstStep(opened, "Open a pull request", "One was opened." if opened else "Or comment /council review on an open one."),
        FirstStep(False, "Read the first review", "It is in progress." if opened else "It is posted on the pull request and listed here."),
    )


def count_open(rows: Iterable[HomeRow]) -> tuple[tuple[str, int], ...]:
    """Open findings of all repositories by severity, the worst first."""
    totals = dict.fromkeys(SEVERITIES, 0)
    for row in rows:
        for severity, count in row.open:
            totals[severity] += count
    return tuple((severity, count) for severity, count in totals.items() if count)
