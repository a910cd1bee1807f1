"""Runs the closest tests against a copy of the project with one sabotage in it."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.mutants.mutant import ROOT, Mutant, apply

_COPIED = ("app", "reviewers", "webhooks", "tests", "benchmarks", "deploy", "docs", "action.yml")
_SECONDS = 240
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
# pytest's exit codes: https://docs.pytest.org/en/stable/reference/exit-codes.html
_ALL_PASSED, _SOME_FAILED, _INTERRUPTED = 0, 1, 2


class Fate(NamedTuple):
    """How a sabotage ended: "caught", "survived" or "not_applied", and the test that caught it."""

    name: str
    end: str
    by: str = ""


def try_mutant(mutant: Mutant, folder: Path) -> Fate:
    """Apply it in a copy of the project under `folder`, run its tests until one fails, and restore the copy."""
    copy = _copy(folder)
    target = copy / mutant.path
    source = (ROOT / mutant.path).read_text(encoding="utf-8") if (ROOT / mutant.path).is_file() else ""
    sabotaged = apply(mutant, source)
    if sabotaged is None:
        return Fate(mutant.name, "not_applied")
    # The copy shares its files with the project by hard links, so a file is replaced, never written through.
    target.unlink()
    target.write_text(sabotaged, encoding="utf-8")
    try:
        for tests in mutant.tests:
            code, said = _pytest(copy, tests)
            if code == _ALL_PASSED:
                continue
            failed = _FAILED.search(said)
            if code in {_SOME_FAILED, _INTERRUPTED} or code < 0:
                return Fate(mutant.name, "caught", failed[1] if failed else f"{tests}: {said.strip().splitlines()[-1:] or code}")
            return Fate(mutant.name, "not_applied", f"{tests}: pytest ended with {code}: {said[-300:]}")
        return Fate(mutant.name, "survived")
    finally:
        target.unlink()
        os.link(ROOT / mutant.path, target)


def find_red(tests: Collection[str], folder: Path) -> frozenset[str]:
    """Those of the tests, `file::function`, that fail in an unbroken copy as well. What they "caught" is not proved."""
    red = _failed(folder, tests, "-n", "2", "--dist", "worksteal")
    # While another test runs, some only ran out of time.
    return frozenset(_failed(folder, sorted(red))) if red else frozenset()


def _failed(folder: Path, tests: Collection[str], *options: str) -> set[str]:
    _, said = _run([*options, *sorted(tests)], _copy(folder), _SECONDS * 10)
    return {function_of(found) for found in _FAILED.findall(said)} & set(tests)


def function_of(test: str) -> str:
    """The file and function of a test's id, without parameters, whose blanks would cut it."""
    return test.partition("[")[0]


def _copy(folder: Path) -> Path:
    copy = folder / "project"
    if not copy.exists():
        copy.mkdir(parents=True)
        for entry in ROOT.iterdir():
            if entry.name in _COPIED or (entry.is_file() and not entry.name.startswith(".")):
                _link(entry, copy / entry.name)
    return copy


def _link(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, copy_function=os.link, ignore=shutil.ignore_patterns("__pycache__"), symlinks=True)
    else:
        os.link(source, target)


def _pytest(copy: Path, tests: str) -> tuple[int, str]:
    """The exit code and the output; a run that does not end in time counts as failed, because the broken promise made it hang."""
    try:
        return _run(["-x", *tests.split(" ", 2)], copy, _SECONDS)
    except subprocess.TimeoutExpired:
        return _SOME_FAILED, f"FAILED {tests.split(maxsplit=1)[0]}: no end after {_SECONDS} s"


def _run(arguments: Sequence[str], copy: Path, seconds: float) -> tuple[int, str]:
    """The exit code and the output of pytest. Raises TimeoutExpired after killing it."""
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        command, cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return process.returncode, said
