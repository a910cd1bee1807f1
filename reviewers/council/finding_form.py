"""Change here which features of a single seat's finding count in its rank, apart from its words.

Measured on 1,469 such findings of six models with lines on 187 pull requests (alibaba/aacr-bench), other repositories left out: within
a pull request, the learned ranking orders 55 of 100 pairs correctly, the seat's record on this kind and place 58, record and form
together 63. The length of the text orders 64 there, but inversely on a second data set, so it is left out.
"""

import math
from collections.abc import Sequence

from reviewers.values.finding import Finding
from reviewers.values.value import FrozenValue

FEATURES = ("lines", "code")


class FormModel(FrozenValue):
    """Weights of the record and, in the order of FEATURES, of the form; `means` are the features' means in the data of the fit."""

    record: float = 0.0
    weights: tuple[float, ...] = (0.0,) * len(FEATURES)
    means: tuple[float, ...] = (0.0,) * len(FEATURES)

    @property
    def fitted(self) -> bool:
        return bool(self.record or any(self.weights))

    def odds(self, record: float, features: Sequence[float]) -> float:
        """Log-odds by which a finding is right more often than a usual one; `record` are those of its seat there."""
        rows = zip(self.weights, features, self.means, strict=True)
        return self.record * record + math.fsum(weight * (value - mean) for weight, value, mean in rows)


def form_features(finding: Finding) -> tuple[float, ...]:
    """The features of a finding in the order of FEATURES: the logarithm of its number of lines, and 1 if it shows code."""
    where = finding.location
    lines = 1 + (where.line or 0) - (where.start_line or where.line or 0)
    return (math.log(max(1, lines)), float(bool(finding.suggestion or finding.sketch)))
