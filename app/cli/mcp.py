"""`council mcp`: the council as tools of an editor or an agent, over standard input and output."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from app import log
from app.cli.running import run_to_end
from app.settings import from_environment


def mcp(
    repo: Annotated[Path, typer.Option(help="the git repository the tools are about")] = Path(),
    login: Annotated[str, typer.Option(help="your login on GitHub: what costs counts with your commands there")] = "",
) -> None:
    """Serve the council to an MCP client (Claude Code, VS Code, Cursor) over stdio, with this machine's keys."""
    from app.mcp import serve

    settings = from_environment()
    # Standard output belongs to the protocol; the log goes to standard error.
    log.set_up(as_json=False, secrets=settings.secrets, quiet=True)
    run_to_end(serve(settings, repo, login or getpass.getuser()))
