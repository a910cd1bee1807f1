"""Runs ruff's bug rules for Python: no style rules, no configuration file, nothing of the change executed."""

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from reviewers.seats.analyzers.analyzer import Alarm, AnalyzerProblem
from reviewers.seats.analyzers.process import Ran, run
from reviewers.values.finding import Category, Severity


class _Rule(NamedTuple):
    severity: Severity
    category: Category
    fix: str


# Rules above LOW are almost never wrong; the others are only worth noting.
_RULES = {
    "F821": _Rule(Severity.HIGH, Category.CORRECTNESS, "Reaching this line raises NameError. Define or import the name."),
    "F822": _Rule(Severity.MEDIUM, Category.API, "`from module import *` raises AttributeError."),
    "F823": _Rule(Severity.HIGH, Category.CORRECTNESS, "It is assigned later in this function, so reading it raises UnboundLocalError."),
    "F502": _Rule(Severity.HIGH, Category.CORRECTNESS, "Formatting raises TypeError here."),
    "F503": _Rule(Severity.HIGH, Category.CORRECTNESS, "Formatting raises TypeError here."),
    "F507": _Rule(Severity.HIGH, Category.CORRECTNESS, "Formatting raises TypeError: the number of values does not match."),
    "F524": _Rule(Severity.HIGH, Category.CORRECTNESS, "`format` raises KeyError or IndexError: a value is missing."),
    "F601": _Rule(Severity.LOW, Category.CORRECTNESS, "Only the last value for this key stays."),
    "F631": _Rule(Severity.MEDIUM, Category.TESTS, "A tuple is always true, so this assertion never fails. Remove the parentheses."),
    "F632": _Rule(Severity.MEDIUM, Category.CORRECTNESS, "`is` compares identity; equal literals need not be one object. Use `==`."),
    "F634": _Rule(Severity.MEDIUM, Category.CORRECTNESS, "A tuple is always true, so this branch is always taken. Remove the parentheses."),
    "F702": _Rule(Severity.HIGH, Category.CORRECTNESS, "The module cannot be compiled: `continue` is outside a loop."),
    "F704": _Rule(Severity.HIGH, Category.CORRECTNESS, "The module cannot be compiled: `yield` is outside a function."),
    "F706": _Rule(Severity.HIGH, Category.CORRECTNESS, "The module cannot be compiled: `return` is outside a function."),
    "F811": _Rule(Severity.LOW, Category.CORRECTNESS, "The earlier definition is lost."),
    "B006": _Rule(Severity.MEDIUM, Category.CORRECTNESS, "All calls share one default and see each other's changes. Default to None."),
    "B008": _Rule(Severity.LOW, Category.CORRECTNESS, "The call runs once, when the function is defined, not at each call."),
    "B012": _Rule(Severity.MEDIUM, Category.ERRORS, "Leaving from `finally` swallows the exception in flight."),
    "B015": _Rule(Severity.MEDIUM, Category.CORRECTNESS, "The comparison's result is not used: an `assert` or an assignment is missing."),
    "B017": _Rule(Severity.LOW, Category.TESTS, "The test passes for any exception, a typo in the test included."),
    "B018": _Rule(Severity.LOW, Category.CORRECTNESS, "The value is computed but never used."),
    "B020": _Rule(Severity.MEDIUM, Category.CORRECTNESS, "The loop variable overwrites the iterable."),
    "B023": _Rule(Severity.MEDIUM, Category.CORRECTNESS, "When called, it finds the loop's last value. Bind it as a default."),
    "B025": _Rule(Severity.MEDIUM, Category.ERRORS, "The second handler for the same exception is never reached."),
    "B029": _Rule(Severity.MEDIUM, Category.ERRORS, "An empty tuple catches nothing."),
    "B030": _Rule(Severity.MEDIUM, Category.ERRORS, "When an exception arrives here, the handler itself raises TypeError."),
    "B035": _Rule(Severity.MEDIUM, Category.CORRECTNESS, "Every iteration writes the same key, so only the last value stays."),
    "B909": _Rule(Severity.MEDIUM, Category.CORRECTNESS, "This skips elements or raises RuntimeError. Iterate over a copy."),
    "PLE0101": _Rule(Severity.HIGH, Category.CORRECTNESS, "`__init__` that returns a value raises TypeError."),
    "PLE0704": _Rule(Severity.MEDIUM, Category.ERRORS, "A bare `raise` outside a handler raises RuntimeError."),
    "PLE1205": _Rule(Severity.MEDIUM, Category.ERRORS, "More values than placeholders: the message is lost in an error on stderr."),
    "PLE1206": _Rule(Severity.MEDIUM, Category.ERRORS, "Fewer values than placeholders: the message is lost in an error on stderr."),
    "PLE1310": _Rule(Severity.LOW, Category.CORRECTNESS, "`strip` takes a set of characters, not a prefix or suffix."),
    "S113": _Rule(Severity.MEDIUM, Category.ERRORS, "A server that never answers blocks this call forever. Pass `timeout=`."),
    "S201": _Rule(Severity.HIGH, Category.SECURITY, "The debugger lets anyone who reaches the server run code."),
    "S301": _Rule(Severity.LOW, Category.SECURITY, "Unpickling data from outside runs its author's code."),
    "S306": _Rule(Severity.MEDIUM, Category.SECURITY, "Another process can create the file after its name is chosen. Use `mkstemp`."),
    "S307": _Rule(Severity.LOW, Category.SECURITY, "If the text comes from outside, its author runs code here."),
    "S324": _Rule(Severity.LOW, Category.SECURITY, "Collisions of this hash can be made on purpose."),
    "S501": _Rule(Severity.HIGH, Category.SECURITY, "Without certificate checks, anyone on the path can read and change this traffic."),
    "S506": _Rule(Severity.HIGH, Category.SECURITY, "Loading YAML this way runs its author's code. Use `yaml.safe_load`."),
    "S602": _Rule(Severity.LOW, Category.SECURITY, "If a part of the command comes from outside, its author runs commands here."),
    "S608": _Rule(Severity.LOW, Category.SECURITY, "If a part comes from outside, its author changes the query. Pass parameters."),
}  # fmt: skip


class Ruff:
    """Runs the ruff that is installed with this Python; `start` runs a program on a text, for a limited number of seconds."""

    name = "ruff"

    def __init__(self, start: Callable[[Sequence[str], str, float], Awaitable[Ran]] = run) -> None:
        self._start = start

    def reads(self, path: str) -> bool:
        """Python modules and stubs, not notebooks."""
        return path.endswith(".py")

    async def alarms(self, path: str, text: str, seconds: float) -> tuple[Alarm, ...]:
        """Bug rules on the whole file; the seat keeps those on added lines."""
        rules = ",".join(_RULES)
        # Never the file's own name, because a rule set may depend on it (tests, __init__).
        arguments = (
            "check",
            "--isolated",
            "--no-cache",
            "--preview",
            "--output-format=json",
            f"--select={rules}",
            "--stdin-filename=x.py",
            "-",
        )
        ran = await self._start((_program(), *arguments), text, seconds)
        if not ran.ok or ran.code not in (0, 1):
            raise AnalyzerProblem(ran.problem or f"ruff ended with code {ran.code}")
        return _alarms(ran.output)


def _program() -> str:
    beside = Path(sys.executable).parent / "ruff"
    return str(beside) if beside.exists() else "ruff"


def _alarms(output: str) -> tuple[Alarm, ...]:
    try:
        reports = json.loads(output or "[]")
    except ValueError as error:
        raise AnalyzerProblem("ruff printed no JSON") from error
    alarms = []
    for report in reports:
        rule = _RULES.get(str(report.get("code")))
        if rule is None:
            continue
        message = str(report["message"])
        alarms.append(
            Alarm(
                rule=str(report["code"]),
                line=int(report["location"]["row"]),
                end_line=int(report["end_location"]["row"]),
                title=message[:200],
                body=f"{rule.fix} (ruff {report['code']})",
                severity=rule.severity,
                category=rule.category,
            )
        )
    return tuple(alarms)
