"""Change here how far what a line says counts, for itself and for the lines around it."""

from typing import NamedTuple


class LineWeights(NamedTuple):
    """How far a hit counts, and the lines around it: `benchmarks ci_logs --cross` tries others, fitted without the logs they are tried on.

    `outside` is for hits outside of the failed steps, `repeated` for each hit of the same template before, `of_a_kind` for those of the
    same kind, `common` for words in lines that look like many others, `end` for the last lines of a step. The others say what of its worth
    a hit gives to the next line: after the first of a kind and of all, under a heading, where that line continues it, and where it was
    in the last green log.
    """

    outside: float = 0.3
    repeated: float = 0.7
    of_a_kind: float = 0.05
    of_a_kind_at_least: float = 0.35
    common: float = 0.5
    end: float = 4.0
    announced: float = 10.0
    first_of_a_kind: float = 0.96
    first_of_all: float = 0.97
    first_under_heading: float = 0.998
    continued: float = 0.98
    seen: float = 0.8


WEIGHTS = LineWeights()
