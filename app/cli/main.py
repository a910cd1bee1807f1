"""The commands of `council`, and how an error ends one: one clear line, exit 2."""

import sys

import typer
from rich.console import Console

from app.cli import jobs, memory, processes
from app.cli.ask import ask
from app.cli.ci_log import ci_log
from app.cli.context import context
from app.cli.demo import demo
from app.cli.doctor import doctor
from app.cli.evals import evals, simulate
from app.cli.mcp import mcp
from app.cli.replay import replay
from app.cli.review import review
from app.cli.sandbox import sandbox
from app.errors import UserError, WorldError

app = typer.Typer(
    name="council",
    help="Models of several vendors review a pull request, criticise each other once, and publish one ranked review.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("ci-log")(ci_log)
app.command()(processes.serve)
app.command()(processes.web)
app.command()(processes.worker)
for command in (demo, review, ask, mcp, context, replay, simulate, doctor, sandbox):
    app.command()(command)
app.command("eval")(evals)
app.add_typer(jobs.app, name="jobs")
app.add_typer(memory.app, name="memory")


def main() -> None:
    """Run the command line."""
    try:
        app()
    except (UserError, WorldError) as error:
        Console(stderr=True).print(f"council: {error}", markup=False, highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
