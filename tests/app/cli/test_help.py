"""`council --help`, `--version`, completion and mistyped names. They import as little as possible."""

import re
import subprocess
import sys
from importlib import import_module

import pytest
import typer

from app.cli.main import CouncilCommands

# Modules that help does not need. Each takes 0.1 to 2 s to import.
HEAVY = ("sqlalchemy", "sqlmodel", "pydantic", "httpx", "litellm", "githubkit", "reviewers", "app.services", "fastapi", "structlog")


def council(*words: str, code: str = "", **environment: str) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of one run."""
    command = [sys.executable, "-c", code, *words] if code else [sys.executable, "-m", "app.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin", **environment}, check=False)
    return done.returncode, done.stdout, done.stderr


COUNTED = f"""
import sys
from app.cli import main
try:
    main()
except SystemExit:
    pass
print("HEAVY", [name for name in {HEAVY!r} if name in sys.modules], len(sys.modules))
"""


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_and_version_import_little(words: list[str]) -> None:
    _, out, _ = council(*words, code=COUNTED)
    heavy, modules = re.search(r"HEAVY (\[.*\]) (\d+)", out).groups()  # type: ignore[union-attr]
    # 326 modules when this was written; each costs about half a millisecond.
    assert heavy == "[]" and int(modules) < 500


def test_the_version_is_said() -> None:
    assert council("--version")[:2] == (0, "council 0.1.0\n")


@pytest.mark.parametrize(
    ("word", "answer"), [("reveiw", 'Did you mean "review"?'), ("staus", 'Did you mean "status"?'), ("qqqq", "lists them")]
)
def test_a_mistyped_command_is_answered_with_the_nearest(word: str, answer: str) -> None:
    code, _, said = council(word)
    assert code == 2 and f'Unknown command "{word}".' in said and answer in " ".join(said.split())


def test_names_are_completed() -> None:
    words = {"_COUNCIL_COMPLETE": "complete_bash", "COMP_WORDS": "council re", "COMP_CWORD": "1"}
    code = 'import sys; sys.argv[0] = "council"; from app.cli import main; main()'
    assert council(code=code, **words)[1].split() == ["review", "resume", "restore", "replay"]


@pytest.mark.parametrize("name", CouncilCommands.places)
def test_summaries_match_the_commands_help(name: str) -> None:
    module, _, function = CouncilCommands.places[name].partition(":")
    found = getattr(import_module(module), function)
    own = typer.main.get_group(found).help if isinstance(found, typer.Typer) else found.__doc__
    assert " ".join((own or "").split()).startswith(CouncilCommands.summaries[name].rstrip("."))
