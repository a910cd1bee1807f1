"""What a review cost by author, label and team. Labels and teams are stored with each run; costs are summed over the newest."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or
from app.store.tables.pages import RunGroupRow

LABEL, TEAM = "label", "team"
# Per pull request. More of them are not useful as groups.
_MOST_NAMES, _LONGEST = 20, 100


@dataclass(frozen=True)
class GroupCosts:
    """US dollars by name. A run with several labels or teams counts for each of them."""

    authors: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, float] = field(default_factory=dict)
    teams: Mapping[str, float] = field(default_factory=dict)


async def keep_groups(connection: AsyncConnection, run_id: str, repository_id: int, labels: Sequence[str], teams: Sequence[str]) -> None:
    """Keep the labels and teams of a run; a second call adds what is new."""
    rows = [
        {"run_id": run_id, "repository_id": repository_id, "kind": kind, "name": name[:_LONGEST]}
        for kind, names in ((LABEL, labels), (TEAM, teams))
        for name in dict.fromkeys(names[:_MOST_NAMES])
    ]
    if rows:
        await connection.execute(insert_or(RunGroupRow, connection.dialect.name).on_conflict_do_nothing(), rows)


@dataclass(frozen=True)
class RunCost:
    """What a run cost in US dollars. Open calls count with what is reserved."""

    run_id: str
    author: str
    usd: float


def cost_by_group(costs: Sequence[RunCost], groups: Iterable[Row[tuple[str, str, str]]]) -> GroupCosts:
    """The costs of runs by their authors, and by these groups."""
    authors: dict[str, float] = defaultdict(float)
    for cost in costs:
        authors[cost.author or "unknown"] += cost.usd
    usd = {cost.run_id: cost.usd for cost in costs}
    sums: dict[str, dict[str, float]] = {LABEL: defaultdict(float), TEAM: defaultdict(float)}
    for row in groups:
        # A run may have been stored after the costs were read.
        if row.run_id in usd:
            sums[row.kind][row.name] += usd[row.run_id]
    return GroupCosts(dict(authors), dict(sums[LABEL]), dict(sums[TEAM]))
