"""Stores what a review of usual size likely costs, as computed by the worker that started last."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.pages import TypicalCostRow

_TYPICAL = sql_table(TypicalCostRow)
Kind = Literal["model", "preset"]


@dataclass(frozen=True)
class TypicalCost:
    """One model alone, or the council of a preset ("" for none), in US dollars; None if unknown.

    `retires` is the day its vendor ends a model (YYYY-MM-DD) or "", `able` is whether this server has its key, `pooled` whether it is
    selected from by default. `input_usd` and `output_usd` are per million tokens, `context` is in tokens.
    """

    kind: Kind
    name: str
    seats: int
    usd: float | None
    retires: str = ""
    able: bool = True
    input_usd: float | None = None
    output_usd: float | None = None
    context: int | None = None
    pooled: bool = False

    def retired(self, now: float) -> bool:
        """Whether that day has come."""
        return bool(self.retires) and self.retires <= datetime.fromtimestamp(now, UTC).date().isoformat()


async def save_typical_costs(connection: AsyncConnection, costs: Sequence[TypicalCost], now: float) -> None:
    """Replace the earlier costs with these."""
    # Workers that start together write the same rows, in the same order, over each other's.
    rows = [{**asdict(each), "place": place, "at": now} for place, each in enumerate(costs)]
    rows.sort(key=lambda row: (row["kind"], row["name"]))
    if rows:
        statement = insert_or(TypicalCostRow, connection.dialect.name)
        changed = {name: statement.excluded[name] for name in rows[0] if name not in ("kind", "name")}
        await connection.execute(statement.on_conflict_do_update(index_elements=["kind", "name"], set_=changed), rows)
    await connection.execute(delete(_TYPICAL).where(_TYPICAL.c.at < now))


async def list_typical_costs(connection: AsyncConnection) -> tuple[TypicalCost, ...]:
    """Models and presets in the order they were computed. Empty before the first worker ran."""
    columns = (_TYPICAL.c[name] for name in TypicalCost.__dataclass_fields__)
    rows = await connection.execute(select(*columns).order_by(_TYPICAL.c.place))
    return tuple(TypicalCost(*row) for row in rows)
