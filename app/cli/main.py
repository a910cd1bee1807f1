"""The list of all `council` commands and their summaries. Add a command here."""

import sys
from collections.abc import Mapping
from typing import Annotated, ClassVar

import typer

from app.cli.lazy import LazyGroup


class CouncilCommands(LazyGroup):
    """Maps each command to its module and summary."""

    places: ClassVar[Mapping[str, str]] = {
        "demo": "app.cli.demo:demo",
        "serve": "app.cli.processes:serve",
        "web": "app.cli.web:web",
        "worker": "app.cli.processes:worker",
        "review": "app.cli.review:review",
        "ask": "app.cli.ask:ask",
        "mcp": "app.cli.mcp:mcp",
        "context": "app.cli.context:context",
        "look": "app.cli.look:look",
        "ci-log": "app.cli.ci_log:ci_log",
        "action": "app.cli.action:action",
        "config": "app.cli.config:app",
        "doctor": "app.cli.doctor:doctor",
        "models": "app.cli.models:models",
        "status": "app.cli.status:status",
        "findings": "app.cli.findings:findings",
        "dismiss": "app.cli.findings:dismiss",
        "jobs": "app.cli.jobs:app",
        "pause": "app.cli.pause:pause",
        "resume": "app.cli.pause:resume",
        "backup": "app.cli.backup:backup",
        "restore": "app.cli.backup:restore",
        "rotate-key": "app.cli.rotate_key:rotate",
        "adopt-key": "app.cli.adopt_key:adopt_key",
        "audit": "app.cli.audit:app",
        "memory": "app.cli.memory:app",
        "replay": "app.cli.replay:replay",
        "eval": "app.cli.evals:evals",
        "simulate": "app.cli.evals:simulate",
        "sandbox": "app.cli.sandbox:sandbox",
    }
    summaries: ClassVar[Mapping[str, str]] = {
        "demo": "See a pull request reviewed, without an account, a key or Docker.",
        "serve": "Run the web process, a worker and, unless REDIS_URL is set, an embedded Valkey.",
        "web": "Run the process that receives webhooks.",
        "worker": "Run a worker, the process that reviews.",
        "review": "Review commits of a local repository, or a pull request.",
        "ask": "Ask the council about a local repository.",
        "mcp": "Serve the council to an MCP client (Claude Code, VS Code, Cursor) over stdio, with this machine's keys.",
        "context": "Show what a model gets of a change: each block with its reason, then the text.",
        "look": "Look around in a repository as a seat can.",
        "ci-log": "Show the cause of a failed job: the lines that a model gets, with a reason for each block.",
        "action": "Handle the event of this GitHub Actions job.",
        "config": "Check, describe or draft a repository's settings, .github/council.yml.",
        "doctor": "Check the database, the queue, the GitHub App and each model.",
        "models": "List providers and the prices of their models.",
        "status": "Show whether the newest commit of a pull request was reviewed, and if not, why.",
        "findings": "List the findings of a pull request's newest review, with their ids.",
        "dismiss": "Dismiss a finding, or restore it, and update the summary comment.",
        "jobs": "List, show, retry or cancel jobs.",
        "pause": "Pause all paid work on this server.",
        "resume": "Resume paid work on this server.",
        "backup": "Write the database to a file and check the file.",
        "restore": "Replace the database with a backup.",
        "rotate-key": "Encrypt all stored secrets with a new master key.",
        "adopt-key": "Make this machine's master key the database's key.",
        "audit": "Check the audit log.",
        "memory": "Export or delete what the council remembers about a repository.",
        "replay": "Rank a stored run again and show what moved.",
        "eval": "Score merging and ranking on recorded reviews, in councils drawn from the recorded tools.",
        "simulate": "Show the value of the critique round for critics who are right at given rates, on recorded reviews.",
        "sandbox": "Serve a sandbox GitHub and model providers on loopback, and print the environment variables for a server.",
    }


app = typer.Typer(
    name="council",
    cls=CouncilCommands,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        # Imported here because it takes 0.05 s, which `--help` should not pay.
        from importlib.metadata import version

        sys.stdout.write(f"council {version('council')}\n")
        raise typer.Exit


@app.callback()
def council(
    is_version: Annotated[bool, typer.Option("--version", help="print the version", callback=_say_version, is_eager=True)] = False,
) -> None:
    """Models of several vendors review a pull request, criticize each other's findings once, and publish one ranked review."""
