"""Runs `council`, and says how an error ends it: one clear line on standard error, exit 2; with --debug the traceback too."""

import sys
import traceback
from io import TextIOWrapper

from app.errors import CouncilError, NotFound, Refused

_WHO = {401: "GitHub does not know the credentials", 403: "GitHub refused", 404: "GitHub has no such thing, or the App may not see it"}


def main() -> None:
    """Run the command line."""
    debug, words = _taken("--debug", sys.argv[1:])
    sys.argv[1:] = words
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name or a log in another encoding, or a terminal without our marks, is no reason to stop.
            stream.reconfigure(errors="replace")
    if words[:1] in (["review"], ["ask"]) and "--help" not in words and sys.stderr.isatty():
        # What these import takes a second or two; a person sees at once that something goes on.
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
        # It has no options; what reads those of other commands would stay in memory as long as it runs.
        from app.cli.web import web

        web()
    else:
        from app.cli.main import app

        app()


def _taken(option: str, words: list[str]) -> tuple[bool, list[str]]:
    """Whether an option of all commands is given, and the words without it; what follows `--` is no option."""
    end = words.index("--") if "--" in words else len(words)
    return option in words[:end], [word for word in words[:end] if word != option] + words[end:]


def _sentence(error: Exception, *, debug: bool) -> str:
    text = " ".join(str(error).split())[:600]
    if isinstance(error, NotFound):
        return f"{_WHO[404]}: {text}"
    if isinstance(error, Refused):
        return f"{_WHO.get(error.status, 'GitHub refused')}: {text}"
    if isinstance(error, CouncilError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    more = "" if debug else "; --debug shows where"
    return f"unexpected {type(error).__name__}: {text or 'no reason given'}{more}"
