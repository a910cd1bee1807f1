"""Logistic regression with few weights, a ridge penalty, and signs that can be forbidden."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Matrix = NDArray[float64]


class Weights(NamedTuple):
    """On the raw scale of the features."""

    weights: tuple[float, ...]
    bias: float


def fit_logistic(rows: "Matrix", labels: "Matrix", ridge: float, rising: Sequence[int] = (), importance: "Matrix | None" = None) -> Weights:
    """Maximum likelihood with a ridge on standardized weights; a `rising` feature whose best weight is negative gets 0."""
    import numpy as np

    mean, spread = rows.mean(0), np.maximum(rows.std(0), 1e-6)
    scaled = (rows - mean) / spread
    kept = [column for column in range(rows.shape[1]) if rows[:, column].std() > 1e-9]
    while True:
        solution = _newton(scaled[:, kept], labels, ridge, np.ones(len(labels)) if importance is None else importance)
        bad = [column for at, column in enumerate(kept) if column in rising and solution[at] < 0]
        if not bad:
            break
        kept = [column for column in kept if column not in bad]
    weights = np.zeros(rows.shape[1])
    weights[kept] = solution[:-1] / spread[kept]
    bias = float(solution[-1] - (weights * mean).sum())
    return Weights(tuple(round(float(weight), 5) for weight in weights), round(bias, 5))


def _newton(rows: "Matrix", labels: "Matrix", ridge: float, importance: "Matrix") -> "Matrix":
    """Weights and, last, the bias, which is not penalized."""
    import numpy as np

    design = np.hstack([rows, np.ones((len(rows), 1))])
    penalty = np.diag([ridge] * rows.shape[1] + [1e-6])
    solution = np.zeros(design.shape[1])
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(design @ solution, -30, 30)))
        slope = design.T @ (importance * (chance - labels)) + penalty @ solution
        curve = (design * (importance * chance * (1 - chance))[:, None]).T @ design + penalty
        step = np.linalg.solve(curve, slope)
        # Newton overshoots if the classes are almost separable.
        solution -= step * min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < 1e-6:
            break
    return np.asarray(solution)
