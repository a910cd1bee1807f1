"""`council mcp`: serve the council's tools to an editor or agent over stdio, or over HTTP on this machine."""

import asyncio
import getpass
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from app import log
from app.cli.running import run_to_end
from app.configuration.settings import Settings, from_environment


def mcp(
    repo: Annotated[Path, typer.Option(help="the git repository the tools are about")] = Path(),
    login: Annotated[str, typer.Option(help="your GitHub login; costs count with your commands on GitHub")] = "",
    http: Annotated[bool, typer.Option("--http", help="serve over HTTP on this machine; clients need the token that it prints")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="the port of --http")] = 3010,
) -> None:
    """Serve the council to an MCP client (Claude Code, VS Code, Cursor) over stdio, with this machine's keys."""
    from app.mcp.local import serve

    settings = from_environment()
    # Standard output belongs to the protocol; the log goes to standard error.
    log.set_up(as_json=False, secrets=settings.secrets, quiet=True)
    login = login or getpass.getuser()
    run_to_end(_serve_http(settings, repo, login, port) if http else serve(settings, repo, login))


async def _serve_http(settings: Settings, repo: Path, login: str, port: int) -> None:
    """Serve on loopback until the command is stopped, with a new token each time."""
    from app.configuration.listen_address import require_free_port
    from app.mcp.http import on_loopback
    from app.mcp.local import serve_repository
    from app.web.server import serve_aside

    require_free_port("127.0.0.1", port)
    secret = secrets.token_urlsafe(32)
    async with serve_repository(settings, repo, login) as server, serve_aside(on_loopback(server, secret, port), "127.0.0.1", port):
        sys.stderr.write(f"http://127.0.0.1:{port}/mcp\nAuthorization: Bearer {secret}\n")
        await asyncio.Event().wait()
