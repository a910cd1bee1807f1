"""The list of commands is read from their sources: it says what the commands say, and imports none of them."""

import importlib
import inspect
import resource
import subprocess
import sys

import typer

from app.cli.lazy import read_help
from app.cli.main import Commands
from tests.app.cli.test_commands import BARE, ROOT


def test_the_list_says_what_each_command_says() -> None:
    for place in Commands.places.values():
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(module), name)
        help_text = command.info.help if isinstance(command, typer.Typer) else inspect.getdoc(command)
        assert help_text and read_help(module, name) == help_text, place


def test_help_imports_no_command() -> None:
    script = "import sys\nfrom app.cli.main import app\ntry:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
    script += "sys.exit(str(sorted({'sqlalchemy', 'numpy', 'app.reporters', 'app.sandbox'} & set(sys.modules)) or 0))\n"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=BARE, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 1 and done.stderr.strip() == "0"
    assert all(name in done.stdout for name in Commands.places)
    # Seconds of the processor, because this machine may be busy: 0.4 on a quiet one, 2 when all were imported.
    assert after.ru_utime - before.ru_utime < 1.5
