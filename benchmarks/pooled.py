"""Runs a benchmark on one PostgreSQL, directly and through PgBouncer in transaction mode; change here how both are compared."""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.bars import Bar, Count, at_most
from benchmarks.options import Options, progress
from benchmarks.real_parts import Part, connect_when_ready, pgbouncer_part, postgres_part, postgres_url

DIRECT, POOLED = "direct", "pooled"
# What changes on the machine during a measurement harms both alike.
_TURNS, _SMALL_TURNS = (DIRECT, POOLED, POOLED, DIRECT), (DIRECT, POOLED)
# One small turn of each varies with other work on the machine.
_WORST_RATIO, _WORST_SMALL = 1.2, 3.0


@dataclass(frozen=True)
class PooledServer:
    """A PostgreSQL and the PgBouncer in front of it."""

    postgres: Part
    pgbouncer: Part

    def create(self, name: str) -> dict[str, str]:
        """The URLs of a new, empty database: direct and through the pooler."""
        asyncio.run(self._create(name))
        return {DIRECT: postgres_url(self.postgres.port, name), POOLED: postgres_url(self.pgbouncer.port, name)}

    async def _create(self, name: str) -> None:
        connection = await connect_when_ready(postgres_url(self.postgres.port, "postgres"))
        try:
            await connection.execute(f"CREATE DATABASE {name}")
        finally:
            await connection.close()


@contextlib.contextmanager
def pooled_server() -> Iterator[PooledServer]:
    """Both, for as long as the block lasts; `real_parts.find_missing` says whether that is possible here."""
    with tempfile.TemporaryDirectory(prefix="council-pooled-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # Servers of other users live in folders below.
        folder.chmod(0o711)
        postgres = postgres_part(folder / "postgres")
        pgbouncer = pgbouncer_part(folder / "pgbouncer", postgres.port)
        try:
            postgres.start()
            pgbouncer.start()
            yield PooledServer(postgres, pgbouncer)
        finally:
            pgbouncer.kill()
            postgres.kill()


def compare(options: Options, measure: Callable[[Options], dict[str, Any]], figure: str) -> dict[str, Any]:
    """Measure in turn, each time in a new database: `figure` of both and their ratio, and the counts of all turns together."""
    found: dict[str, list[dict[str, Any]]] = {DIRECT: [], POOLED: []}
    with pooled_server() as server:
        for number, way in enumerate(_SMALL_TURNS if options.small else _TURNS):
            measured = measure(replace(options, database=server.create(f"turn_{number}")[way]))
            found[way].append(measured)
            progress(f"{way}: {figure} {measured[figure]}")
    turns = [*found[DIRECT], *found[POOLED]]
    counts = {name: sum(turn[name] for turn in turns) for name, value in turns[0].items() if isinstance(value, int)}
    figures = {way: [turn[figure] for turn in found[way]] for way in found}
    return counts | {f"{way}_{figure}": values for way, values in figures.items()} | {"pooler_ratio": pooler_ratio(figures)}


def pooler_ratio(figures: dict[str, list[float]]) -> float | None:
    """How many times as much it takes through the pooler; None if nothing was measured."""
    direct = sum(figures[DIRECT])
    return round(sum(figures[POOLED]) / direct, 3) if direct else None


def pooler_bar(measured: dict[str, Any], counts: Sequence[Count], name: str = "pooler_ratio") -> Bar:
    """The pooler may take a fifth more."""
    return Bar(name, measured[name], at_most(_WORST_RATIO, small=_WORST_SMALL), counts)
