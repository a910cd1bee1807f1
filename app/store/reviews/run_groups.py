"""What a review cost by author, label and team. Labels and teams are stored with each run; costs are summed over the newest."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.core import LedgerRow, RunRow
from app.store.tables.pages import RunGroupRow

_RUN, _LEDGER, _GROUP = sql_table(RunRow), sql_table(LedgerRow), sql_table(RunGroupRow)
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


async def cost_by_group(connection: AsyncConnection, newest: Select[tuple[str]]) -> GroupCosts:
    """What these runs cost. Open runs count with what is reserved. The runs are a query, because 500 ids cost more than it."""
    usd = func.coalesce(func.sum(func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd)), 0.0).label("usd")
    runs = newest.subquery()
    authors = select(_RUN.c.author, usd).select_from(
        runs.join(_RUN, _RUN.c.id == runs.c.id).outerjoin(_LEDGER, _LEDGER.c.run_id == runs.c.id)
    )
    by_author: dict[str, float] = defaultdict(float)
    for row in await connection.execute(authors.group_by(_RUN.c.author)):
        by_author[row.author or "unknown"] += float(row.usd)
    named = select(_GROUP.c.kind, _GROUP.c.name, usd)
    named = named.select_from(runs.join(_GROUP, _GROUP.c.run_id == runs.c.id).outerjoin(_LEDGER, _LEDGER.c.run_id == runs.c.id))
    groups: dict[str, dict[str, float]] = {LABEL: {}, TEAM: {}}
    for group in await connection.execute(named.group_by(_GROUP.c.kind, _GROUP.c.name)):
        groups[group.kind][group.name] = float(group.usd)
    return GroupCosts(dict(by_author), groups[LABEL], groups[TEAM])
