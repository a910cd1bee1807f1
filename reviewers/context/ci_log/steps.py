"""Finds where the failed steps of a job begin and end, by the marks that CI systems write into a log."""

import re
from typing import NamedTuple

from reviewers.context.ci_log.lines import LogLines

HEAD = 64_000


class Step(NamedTuple):
    """Lines `first` to `last`, counted from 0 and inclusive; `last` is the mark of the failure."""

    first: int
    last: int


class _System(NamedTuple):
    """The marks of one family of CI systems: a literal that finds a failure, a pattern that proves it, and one that opens a step."""

    literals: tuple[bytes, ...]
    proof: re.Pattern[str]
    opens: tuple[bytes, ...] = ()


_SYSTEMS = (
    # GitHub Actions, and Azure Pipelines, which uses the same names.
    _System((b"##[error]",), re.compile(r"##\[error\]"), (b"##[group]Run ", b"##[section]Starting: ")),
    # Travis CI; the closing quote of a multi-line command is on its own line.
    _System(
        (b'" exited with ', b'" failed and exited with ', b"No output has been received", b"exceeded the maximum time"),
        re.compile(r'" (?:failed and )?exited with [1-9]|No output has been received|exceeded the maximum time'),
        (b"travis_time:start:", b"travis_fold:start:"),
    ),
    _System((b"ERROR: Job failed",), re.compile(r"ERROR: Job failed"), (b"section_start:",)),
    _System((b"marked build as failure",), re.compile(r"marked build as failure")),
    _System(
        (b"Exited with code exit status ", b"Exited with code "), re.compile(r"Exited with code (?:exit status )?[1-9]"), (b"====>> ",)
    ),
    _System((b"Finished: FAILURE",), re.compile(r"^Finished: FAILURE")),
    _System((b"Your build exited with ",), re.compile(r"Your build exited with [1-9]")),
)


_JOB_NAME = b"Complete job name: "
FRAMED = 3


def frame_lines(lines: LogLines, steps: tuple[Step, ...]) -> tuple[int, ...]:
    """The lines that name the job, the command of each failed step and how it ended; at most the first three steps."""
    found = [lines.at(at)] if (at := lines.data.find(_JOB_NAME, 0, HEAD)) >= 0 else []
    for step in steps[:FRAMED]:
        found += [step.first, step.last]
    return tuple(found)


def failed_steps(lines: LogLines) -> tuple[Step, ...]:
    """The failed steps in order, by the marks of the first family that has any; empty if no mark is known."""
    for system in _SYSTEMS:
        if ends := _marks(lines, system):
            return _between(lines, system, ends)
    return ()


def _marks(lines: LogLines, system: _System) -> list[int]:
    found: set[int] = set()
    for literal in system.literals:
        at = lines.data.find(literal)
        while at >= 0:
            line = lines.at(at)
            if system.proof.search(lines.text(line)):
                found.add(line)
            at = lines.data.find(literal, at + len(literal))
    return sorted(found)


def _between(lines: LogLines, system: _System, ends: list[int]) -> tuple[Step, ...]:
    steps: list[Step] = []
    before = 0
    for end in ends:
        opened = max((lines.data.rfind(mark, lines.start(before), lines.start(end)) for mark in system.opens), default=-1)
        steps.append(Step(lines.at(opened) if opened >= 0 else before, end))
        before = end
    return tuple(steps)
