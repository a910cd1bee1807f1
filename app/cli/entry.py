"""Runs `council`, and says how an error ends it: one clear line, exit 2."""

import sys

from app.errors import UserError, WorldError


def main() -> None:
    """Run the command line."""
    try:
        _run(sys.argv[1:])
    except (UserError, WorldError) as error:
        sys.stderr.write(f"council: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _run(words: list[str]) -> None:
    if words == ["web"]:
        # It has no options; what reads those of other commands would stay in memory as long as it runs.
        from app.cli.web import web

        web()
    else:
        from app.cli.main import app

        app()
