"""The commands of `council`."""

import sys
from collections.abc import Mapping
from typing import Annotated, ClassVar

import typer

from app.cli.lazy import LazyGroup


class Commands(LazyGroup):
    """Every command, and where it is."""

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
        "demo": "See a pull request reviewed: no account, no key, no Docker.",
        "serve": "Run everything on this machine: an embedded Valkey (unless REDIS_URL is set), web and worker.",
        "web": "Run the process that receives webhooks.",
        "worker": "Run a process that reviews.",
        "review": "Review commits of a local repository, or a pull request.",
        "ask": "Ask the council about a local repository.",
        "mcp": "Serve the council to an MCP client (Claude Code, VS Code, Cursor) over stdio, with this machine's keys.",
        "context": "Show what a model would get of a change: each block with its reason, then the text.",
        "look": "Look around in a repository as a seat of the council could.",
        "ci-log": "Show the cause of a failed job: the lines a model would get, each block with its reason.",
        "action": "Handle the event of this GitHub Actions job.",
        "config": "The settings of a repository: .github/council.yml.",
        "doctor": "Check the database, the queue, the GitHub App and each model.",
        "models": "List the providers, which are configured, and what their models cost.",
        "status": "Say whether the newest commit of a pull request was reviewed, and why not.",
        "findings": "List what the newest review of a pull request found, with ids.",
        "dismiss": "Set a finding aside for good, or take that back.",
        "jobs": "List, show, retry or drop jobs.",
        "pause": "Stop all paid work on this server between two calls.",
        "resume": "Let paid work on this server go on, beginning with what waits.",
        "backup": "Write the database into a file, and check it.",
        "restore": "Put a backup in the place of the database.",
        "rotate-key": "Seal everything with another master key.",
        "adopt-key": "Take this machine's master key for the database's.",
        "audit": "Check the audit log.",
        "memory": "Export what the council remembers of a repository, or make it forget.",
        "replay": "Rank a stored run again and show what moved.",
        "eval": "Score the council's merge and ranking on recorded reviews, in councils drawn from their tools.",
        "simulate": "Show what the critique round is worth: recorded members, and critics who are right at a stated rate.",
        "sandbox": "Serve a GitHub and model providers on loopback, and print the environment that points a server at them.",
    }


app = typer.Typer(
    name="council",
    cls=Commands,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        # It takes 0.05 s, which help has no use for.
        from importlib.metadata import version

        sys.stdout.write(f"council {version('council')}\n")
        raise typer.Exit


@app.callback()
def council(
    is_version: Annotated[bool, typer.Option("--version", help="say which version this is", callback=_say_version, is_eager=True)] = False,
) -> None:
    """Models of several vendors review a pull request, criticise each other once, and publish one ranked review."""
