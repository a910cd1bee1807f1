"""`council ci-log`: show which lines of a failing CI log a model gets, and why."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.errors import UserError
from reviewers.context.ci_log.extract import Extract, LogLine
from reviewers.context.ci_log.extraction import extract
from reviewers.context.redaction import mask


def ci_log(
    file: Annotated[Path, typer.Argument(metavar="FILE", help='the log of a failed job; "-" reads standard input')],
    green: Annotated[Path | None, typer.Option(help="the log of the same job when it last passed")] = None,
    budget: Annotated[int, typer.Option(min=1, help="the most tokens in the extract")] = 2_000,
    as_json: Annotated[bool, typer.Option("--json", help="print the extract as JSON")] = False,
) -> None:
    """Show the cause of a failed job: the lines that a model gets, with a reason for each block. Nothing is sent anywhere."""
    taken = _masked(extract(_read(file), _read(green) if green else None, budget))
    if as_json:
        sys.stdout.write(json.dumps(taken.model_dump(mode="json") | {"text": taken.text, "left_out": taken.left_out}) + "\n")
    else:
        _print(Console(highlight=False, soft_wrap=True), taken)


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from error


def _masked(taken: Extract) -> Extract:
    """Without secrets, as a model gets it. Masked as a whole, because a key can span lines."""
    rows = iter(mask("\n".join(line.text for line in taken.lines)).split("\n"))
    blocks = (block.model_copy(update={"lines": tuple(_with(line, next(rows)) for line in block.lines)}) for block in taken.blocks)
    return taken.model_copy(update={"blocks": tuple(blocks)})


def _with(line: LogLine, text: str) -> LogLine:
    return line.model_copy(update={"text": text})


def _print(console: Console, taken: Extract) -> None:
    width = len(f"{taken.total_lines:,}")
    for number, block in enumerate(taken.blocks):
        if number == 1:
            console.print(Text("\nThe rest, in the order of the log", style="bold"))
        span = f"line {block.first:,}" if block.first == block.last else f"lines {block.first:,}–{block.last:,}"
        console.print(Text(f"── {span} · {block.reason}", style="bold"))
        for line in block.lines:
            console.print(Text(f"{line.number:>{width},}  ", style="dim") + Text(line.text))
    if not taken.blocks:
        console.print("The log is empty." if not taken.total_lines else "No block of the log fits into the budget.")
    if taken.references:
        console.print(Text("\nFiles named in the log", style="bold"))
        for place in taken.references[:20]:
            console.print(Text(f"  {place.path}:{place.line}") + Text(f"  (line {place.log_line:,} of the log)", style="dim"))
    steps = ", ".join(f"{step.first:,}–{step.last:,}" for step in taken.steps[:5])
    told = f"failed step: lines {steps}" if steps else "no failed step marked"
    saved = ", the rest is not needed" if taken.complete and taken.tokens < taken.budget else ""
    console.print(Text(f"\n{taken.tokens:,} of {taken.budget:,} tokens{saved} · {taken.left_out} · {told}", style="dim"))
