"""What a review cost by author, label and team: labels and teams are kept with each run, costs are summed over the newest."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.statements import insert, table
from app.store.tables import LedgerRow, RunRow
from app.store.web_tables import RunGroupRow

_RUN, _LEDGER, _GROUP = table(RunRow), table(LedgerRow), table(RunGroupRow)
LABEL, TEAM = "label", "team"
# Of a pull request; more of them group nothing.
_MOST_NAMES, _LONGEST = 20, 100


@dataclass(frozen=True)
class GroupCosts:
    """US dollars by name. A run with several labels or teams counts for each of them."""

    authors: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, float] = field(default_factory=dict)
    teams: Mapping[str, float] = field(default_factory=dict)


async def keep_groups(connection: AsyncConnection, run: tuple[str, int], labels: Sequence[str], teams: Sequence[str]) -> None:
    """Keep the labels and teams of a run (id, repository); a second call adds what is new."""
    rows = [
        {"run_id": run[0], "repository_id": run[1], "kind": kind, "name": name[:_LONGEST]}
        for kind, names in ((LABEL, labels), (TEAM, teams))
        for name in dict.fromkeys(names[:_MOST_NAMES])
    ]
    if rows:
        await connection.execute(insert(RunGroupRow, connection.dialect.name).on_conflict_do_nothing(), rows)


async def cost_by_group(connection: AsyncConnection, newest: Sequence[str]) -> GroupCosts:
    """What these runs cost; those that are still open count with what is reserved."""
    usd = func.sum(func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd)).label("usd")
    spent = select(_LEDGER.c.run_id, usd).where(_LEDGER.c.run_id.in_(newest)).group_by(_LEDGER.c.run_id)
    by_run = {str(row.run_id): float(row.usd or 0.0) for row in await connection.execute(spent)}
    authors: dict[str, float] = defaultdict(float)
    for row in await connection.execute(select(_RUN.c.id, _RUN.c.author).where(_RUN.c.id.in_(newest))):
        authors[row.author or "unknown"] += by_run.get(row.id, 0.0)
    groups: dict[str, dict[str, float]] = {LABEL: defaultdict(float), TEAM: defaultdict(float)}
    for group in await connection.execute(select(_GROUP.c.run_id, _GROUP.c.kind, _GROUP.c.name).where(_GROUP.c.run_id.in_(newest))):
        groups[group.kind][group.name] += by_run.get(group.run_id, 0.0)
    return GroupCosts(dict(authors), dict(groups[LABEL]), dict(groups[TEAM]))
