"""The interface of a static analyzer with a seat in the council."""

from typing import Protocol

from reviewers.values.finding import Category, Severity
from reviewers.values.value import FrozenValue


class Alarm(FrozenValue):
    """One report of an analyzer on a whole file, in line numbers of the new side."""

    rule: str
    line: int
    end_line: int
    title: str
    body: str
    severity: Severity
    category: Category


class AnalyzerProblem(Exception):
    """The analyzer could not do its work; the message says why."""


class Analyzer(Protocol):
    """A program that reads one file's content from standard input, isolated from every configuration."""

    name: str

    def reads(self, path: str) -> bool:
        """Whether it supports files of this name."""
        ...

    async def alarms(self, path: str, text: str, seconds: float) -> tuple[Alarm, ...]:
        """Its reports on the file; raises AnalyzerProblem."""
        ...
