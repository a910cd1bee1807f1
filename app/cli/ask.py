"""`council ask`: ask the council about a local repository."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app import log
from app.cli.arguments import readable_text
from app.cli.progress import TerminalProgress
from app.cli.running import run_to_end
from app.configuration.settings import Settings, from_environment
from app.councils.local_question import LocalQuestion, read_text
from app.errors import UserError
from app.services.local import open_local_council
from reviewers.specialists import SPECIALISTS
from reviewers.values.advice import Advice

_FILE = typer.Option("--file", "-f", metavar="F", help="a file to read in full; repeat for more")
_LOG = typer.Option(
    "--log", "-l", metavar="F", help='a log, trace, profile or metrics file to read; "-" reads standard input; repeat for more'
)


def ask(
    question: Annotated[str, typer.Argument(help="what to ask", callback=readable_text)],
    as_a: Annotated[str, typer.Option("--as", help=f"the specialist: {', '.join(SPECIALISTS)}")] = "ask",
    file: Annotated[list[Path] | None, _FILE] = None,
    log_file: Annotated[list[Path] | None, _LOG] = None,
    repo: Annotated[Path, typer.Option(help="the git repository that the question is about")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="print the advice as JSON")] = False,
) -> None:
    """Ask the council about a local repository. Exit 0: answered, 2: no answer."""
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    if as_a not in SPECIALISTS:
        raise UserError(f"unknown specialist {as_a!r}; choose from {', '.join(SPECIALISTS)}")
    if not question.strip():
        raise UserError('the question is empty; for example: council ask "why does the nightly job fail?"')
    files = {str(path): read_text(path) for path in file or ()}
    logs = {str(path): sys.stdin.read() if str(path) == "-" else read_text(path) for path in log_file or ()}
    run, advice = run_to_end(_ask(settings, LocalQuestion(question, as_a, repo, files, logs)))
    _print(run, advice, as_json=as_json)
    sys.exit(2 if advice.incomplete or advice.best is None else 0)


async def _ask(settings: Settings, asked: LocalQuestion) -> tuple[str, Advice]:
    async with open_local_council(settings) as council:
        with TerminalProgress(Console(stderr=True)) as lines:
            return await council.ask(asked, lines, _warn)


def _warn(problem: str) -> None:
    sys.stderr.write(f"council: {problem}\n")


def _print(run: str, advice: Advice, *, as_json: bool) -> None:
    from app.reporters.text.advice_terminal import render

    if as_json:
        sys.stdout.write(
            json.dumps({"id": run, **advice.model_dump(mode="json", exclude={"minutes"})}, indent=2, ensure_ascii=False) + "\n"
        )
    else:
        Console().print(render(advice, run))
