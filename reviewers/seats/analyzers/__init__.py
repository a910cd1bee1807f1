"""Static analyzers as members of the council: the list of those there are."""

from reviewers.seats.analyzers.analyzer import Analyzer
from reviewers.seats.analyzers.hidden import HiddenCharacters
from reviewers.seats.analyzers.ruff import Ruff

ANALYZERS: tuple[Analyzer, ...] = (Ruff(), HiddenCharacters())
