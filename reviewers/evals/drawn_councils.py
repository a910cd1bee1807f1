"""Draws councils of a given size from recorded reviews: change here how they are drawn, by a seed alone."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from reviewers.evals.recorded import RecordedReview


class TrainingPlan(NamedTuple):
    """How to fit: councils of `seats` drawn `draws` times from each row (0 seats: the row as it is), and the ridge penalties."""

    seats: tuple[int, ...] = (0,)
    draws: int = 1
    seed: int = 1
    pair_ridge: float = 30.0
    rank_ridge: float = 10.0
    different: float = 0.012


def draw_councils(rows: Sequence[RecordedReview], plan: TrainingPlan) -> list[RecordedReview]:
    """Councils on each row, by the plan's seed and the row's own name: no other row changes them."""
    councils = []
    for row in rows:
        dice = random.Random(f"{plan.seed}:{row.judge}:{row.pr}")
        for _ in range(plan.draws):
            size = dice.choice(plan.seats)
            councils.append(row.of(dice.sample(row.tools, min(size, len(row.tools)))) if size else row)
    return councils
