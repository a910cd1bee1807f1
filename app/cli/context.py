"""`council context`: show the exact prompt for a change, why each block is in it, and what was left out."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app import log
from app.cli.change import RequestedChange, read_change
from app.cli.running import run_to_end
from app.configuration.settings import from_environment
from app.councils.council_factory import build_brief
from app.councils.model_routes import seat_names
from app.errors import UserError
from reviewers.context.packing import Packed, split
from reviewers.context.prompt_builder import NO_ROOM
from reviewers.context.redaction import redact
from reviewers.models.vendors import short_names
from reviewers.seats.structured_query import SeatLimits

_NAMED = 8


def context(
    what: Annotated[str, typer.Argument(metavar="BASE...HEAD | OWNER/REPO#N", help="the change; by default the current branch")] = "",
    repo: Annotated[Path, typer.Option(help="the git repository that BASE...HEAD is in")] = Path(),
    seat: Annotated[str, typer.Option(help="the seat whose order of files is shown; by default the first")] = "",
    budget: Annotated[int, typer.Option(min=1, help="the most tokens in one prompt")] = SeatLimits().context_tokens,
    as_json: Annotated[bool, typer.Option("--json", help="print the prompts as JSON")] = False,
) -> None:
    """Show what a model gets of a change: each block with its reason, then the text. No model is called."""
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    snapshot, config = run_to_end(read_change(settings, RequestedChange(what, repo)))
    names = short_names(config.seats or seat_names(settings)) or ["any seat"]
    if seat and seat not in names:
        raise UserError(f"unknown seat {seat!r}; choose from {', '.join(names)}")
    chosen = seat or names[0]
    packs = split(build_brief(config, snapshot.head_sha), redact(snapshot), chosen, budget, SeatLimits().parts)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(chosen, budget, packs), indent=2, ensure_ascii=False) + "\n")
    else:
        _print(Console(highlight=False, soft_wrap=True), chosen, budget, packs)


def _as_json(seat: str, budget: int, packs: tuple[Packed, ...]) -> dict[str, object]:
    parts = [
        {
            "tokens": sum(block.tokens for block in packed.blocks),
            "files": packed.files,
            "blocks": [block._asdict() for block in packed.blocks],
            "left_out": [unseen.model_dump() for unseen in packed.dropped],
            "text": packed.text,
        }
        for packed in packs
    ]
    return {
        "seat": seat,
        "budget": budget,
        "whole": packs[0].shown,
        "unseen": [unseen.model_dump() for unseen in packs[0].unseen],
        "parts": parts,
    }


def _print(console: Console, seat: str, budget: int, packs: tuple[Packed, ...]) -> None:
    for number, packed in enumerate(packs, 1):
        part = f", part {number} of {len(packs)}" if len(packs) > 1 else ""
        used = sum(block.tokens for block in packed.blocks)
        console.print(Text(f"{_clean(seat)}{part}: {used:,} of {budget:,} tokens", style="bold"))
        console.print(_table(packed))
        if packed.dropped:
            names = [each.path if each.reason == NO_ROOM else f"{each.path} ({each.reason})" for each in packed.dropped]
            console.print(Text(f"  left out: {_many(names)}", style="yellow"))
        console.print(Text("\n" + _clean(packed.text) + "\n"))
    unseen = packs[0].unseen
    for each in unseen:
        console.print(Text(f"not shown in full: {_clean(each.path)}: {each.reason}", style="yellow"))
    total = len(packs[0].shown) + len(unseen)
    console.print(Text(f"{len(packs[0].shown)} of {total} files are shown in full. Secrets are masked; nothing was sent.", style="dim"))


def _table(packed: Packed) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", style="cyan")
    for block in packed.blocks:
        grid.add_row(f"{block.tokens:,}", Text(_clean(block.name)), Text(block.why, style="dim"))
    return grid


def _many(names: list[str]) -> str:
    shown = ", ".join(_clean(name) for name in names[:_NAMED])
    return shown + (f" and {len(names) - _NAMED} more blocks" if len(names) > _NAMED else "")


def _clean(text: str) -> str:
    """Without control characters, so that text from a pull request cannot control the terminal."""
    return "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)
