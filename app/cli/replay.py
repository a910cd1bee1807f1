"""`council replay`: rank a stored run again with another method or table. No model is called."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from app.cli.evals import METHOD, Method
from app.cli.running import run_to_end
from app.configuration.settings import Settings, from_environment
from app.errors import UserError
from app.reporters.text.markdown import place
from app.reporters.text.phrases import STANDING_NAMES
from app.store.engine.database import open_database
from app.store.reviews.runs import stored_verdict
from reviewers.council import calibration
from reviewers.council.ranking import rerank
from reviewers.council.ranking_changes import Move, moves
from reviewers.values.verdict import Verdict


def replay(
    run: Annotated[str, typer.Argument(metavar="RUN", help="the run's id, or the start of it")],
    ranker: Annotated[Method, typer.Option(help="the ranking method")] = METHOD,
    table: Annotated[Path | None, typer.Option(help="a calibration table as JSON: outcomes by score")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Rank a stored run again and show what moved. This is free: the stored votes are used."""
    verdict = run_to_end(_verdict(from_environment(), run))
    if verdict.minutes is None:
        raise UserError(f"run {run} is too old to replay: its votes were not stored; newer runs have them")
    ranked = rerank(verdict.minutes, ranker.value, _table(table))
    moved = moves(verdict.ranked, ranked)
    if as_json:
        sys.stdout.write(json.dumps([move.model_dump(mode="json") for move in moved], indent=2) + "\n")
        return
    console = Console()
    if not moved:
        console.print("The run has no findings to rank.", markup=False)
        return
    console.print(_drawn(moved))
    changed = sum(move.changed for move in moved)
    console.print(f"{changed} of {len(moved)} findings moved." if changed else "No finding moved.", markup=False, highlight=False)


async def _verdict(settings: Settings, run: str) -> Verdict:
    database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
    try:
        await database.migrate()
        async with database.read() as connection:
            found = await stored_verdict(connection, run)
    finally:
        await database.close()
    return Verdict.model_validate_json(found)


def _table(path: Path | None) -> calibration.Table | None:
    if path is None:
        return None
    try:
        table = calibration.Table.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise UserError(
            f'{path} is not a calibration table; it must look like {{"bins": [{{"floor": 0.0, "n": 60, "right": 12}}, …]}}'
        ) from error
    if not calibration.ascending(table):
        raise UserError(f"{path} is not a calibration table: the floors of its bins must ascend")
    return table


def _drawn(moved: tuple[Move, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("was", justify="right")
    table.add_column("now", justify="right")
    for name in ("standing", "new standing", "confidence", "finding", "location"):
        table.add_column(name)
    for move in moved:
        style = "" if move.changed else "dim"
        sure = f"{move.confidence_was:.2f} → {move.confidence_now:.2f}"
        now = STANDING_NAMES[move.standing_now] if move.standing_now is not move.standing_was else "same"
        title = "".join(char if char.isprintable() else " " for char in move.finding.title)
        where = "".join(char if char.isprintable() else " " for char in place(move.finding.location))
        table.add_row(str(move.rank_was), str(move.rank_now), STANDING_NAMES[move.standing_was], now, sure, title, where, style=style)
    return table
