"""The commands of `council`."""

from collections.abc import Mapping
from typing import ClassVar

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
        "jobs": "app.cli.jobs:app",
        "pause": "app.cli.pause:pause",
        "resume": "app.cli.pause:resume",
        "adopt-key": "app.cli.adopt_key:adopt_key",
        "audit": "app.cli.audit:app",
        "memory": "app.cli.memory:app",
        "replay": "app.cli.replay:replay",
        "eval": "app.cli.evals:evals",
        "simulate": "app.cli.evals:simulate",
        "sandbox": "app.cli.sandbox:sandbox",
    }


app = typer.Typer(
    name="council",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def council() -> None:
    """Models of several vendors review a pull request, criticise each other once, and publish one ranked review."""
