"""The list of static analyzers that can have a seat in the council. Add an analyzer here."""

from reviewers.seats.analyzers.analyzer import Analyzer
from reviewers.seats.analyzers.hidden import HiddenCharacters
from reviewers.seats.analyzers.ruff import Ruff

ANALYZERS: tuple[Analyzer, ...] = (Ruff(), HiddenCharacters())
