"""Run `council` and report errors: one line on standard error, exit code 2; with --debug also the traceback."""

import sys
import traceback
from io import TextIOWrapper

from app.errors import CouncilError, GitHubRejected, NotFound

_WHO = {401: "GitHub rejected the credentials", 403: "GitHub refused", 404: "GitHub found nothing that the App can see"}


def main() -> None:
    """Run the command line."""
    debug, words = _taken("--debug", sys.argv[1:])
    sys.argv[1:] = words
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name or log in another encoding, or a terminal that lacks our symbols, must not stop the command.
            stream.reconfigure(errors="replace")
    if words[:1] in (["review"], ["ask"]) and "--help" not in words and sys.stderr.isatty():
        # Their imports take 1 to 2 s; this line shows immediately that the command runs.
        sys.stderr.write("council: starting …\n")
        sys.stderr.flush()
    try:
        _run(words)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last handler of the command line
        if debug:
            traceback.print_exc()
        sys.stderr.write(f"council: {_sentence(error, debug=debug)}\n")
        sys.exit(2)


def _run(words: list[str]) -> None:
    if words == ["web"]:
        # It has no options; the option parser of the other commands would stay in memory for its lifetime.
        from app.cli.web import web

        web()
    else:
        from app.cli.main import app

        app()


def _taken(option: str, words: list[str]) -> tuple[bool, list[str]]:
    """Whether a global option is given, and the words without it. Words after `--` are not options."""
    end = words.index("--") if "--" in words else len(words)
    return option in words[:end], [word for word in words[:end] if word != option] + words[end:]


def _sentence(error: Exception, *, debug: bool) -> str:
    text = " ".join(str(error).split())[:600]
    if isinstance(error, NotFound):
        return f"{_WHO[404]}: {text}"
    if isinstance(error, GitHubRejected):
        return f"{_WHO.get(error.status, 'GitHub refused')}: {text}"
    if isinstance(error, CouncilError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    more = "" if debug else "; --debug prints the traceback"
    return f"unexpected {type(error).__name__}: {text or 'no reason given'}{more}"
