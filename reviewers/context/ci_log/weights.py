"""Change here how much a matching line counts, and how much the lines around it count."""

from typing import NamedTuple


class LineWeights(NamedTuple):
    """The weights of a hit and of the lines around it. `benchmarks ci_logs --cross` fits others and tests them on logs left out of the fit.

    `outside` is for hits outside of the failed steps, `repeated` for each earlier hit of the same template, `of_a_kind` for each earlier
    hit of the same kind, `common` for words in lines that look like many others, `end` for the last lines of a step. The other fields are
    the share of a hit's worth that the next line gets: after the first of a kind and of all, under a heading, if that line continues
    the hit, and if that line is in the last passing log.
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
