"""Estimates how likely two findings describe the same issue from their words alone: a logistic model over lexical similarities."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from reviewers.council.text_features import code_names, content_words, normalized_letters
from reviewers.values.value import FrozenValue

if TYPE_CHECKING:
    # Imported where it is used, so that only a process that merges pays for it.
    from numpy import float32
    from numpy.typing import NDArray

    Matrix = NDArray[float32]

FEATURES = (
    "bigrams",
    "letters",
    "words",
    "head",
    "names_held",
    "names_shared",
    "no_names",
    "words_held",
    "words_shared",
    "weight_shared",
    "length_ratio",
    "one_seat",
    "most",
)
# More similarity never makes a match less likely: weights of the wrong sign are not fitted, so no wording can exploit one.
RISING = tuple(name for name in FEATURES if name not in {"no_names", "length_ratio", "one_seat"})
# Rare words count more than common ones, but among two or three texts no word is known to be rare: add this many imaginary texts.
_IMAGINED = 20
_HEAD = 10
_BUCKETS = 8191


def preload() -> None:
    """Import numpy now, in the calling thread, rather than at the first merge: it takes 0.1 s."""
    import numpy  # noqa: F401


class SeatText(NamedTuple):
    """A text and the seat that wrote it."""

    seat: str
    text: str


class PairModel(FrozenValue):
    """Weights in the order of FEATURES on their raw scale; two findings without a place are one from `threshold` on."""

    weights: tuple[float, ...]
    bias: float
    threshold: float

    def odds(self, said: Sequence[SeatText]) -> "Matrix":
        """Log-odds, n × n and symmetric, that two texts describe the same issue."""
        import numpy as np

        return pair_features(said) @ np.asarray(self.weights, np.float32) + np.float32(self.bias)


def pair_features(said: Sequence[SeatText]) -> "Matrix":
    """The similarities of all pairs, n × n × len(FEATURES), symmetric; they depend on the texts of this set and not on their order."""
    import numpy as np

    content = [content_words(each.text) for each in said]
    bigrams = [[*each, *(f"{one} {two}" for one, two in pairwise(each))] for each in content]
    code = [code_names(each.text) for each in said]
    pairs, chars = _cosine(bigrams), _letters([normalized_letters(each.text) for each in said])
    names_held, names_shared, _ = _overlap(code)
    words_held, words_shared, weight = _overlap([set(each) for each in content])
    nameless = np.array([not each for each in code])
    length = np.array([len(each) + 1.0 for each in content], np.float32)
    seats = np.array([each.seat for each in said])
    stacked = (
        pairs,
        chars,
        _cosine(content),
        _cosine([each[:_HEAD] for each in content]),
        names_held,
        names_shared,
        nameless[:, None] | nameless[None, :],
        words_held,
        words_shared,
        np.log1p(weight),
        -np.abs(np.log(length[:, None] / length[None, :])),
        seats[:, None] == seats[None, :],
        np.maximum(pairs, chars),
    )
    return np.stack([each.astype(np.float32) for each in stacked], -1)


def _cosine(texts: Sequence[Sequence[str]]) -> "Matrix":
    """Cosine of TF-IDF vectors; a term of one text alone only makes that text longer."""
    import numpy as np

    seen = Counter(term for each in texts for term in set(each))
    weights = {term: _rarity(len(texts), count) for term, count in seen.items()}
    column = {term: index for index, term in enumerate(sorted(term for term, count in seen.items() if count > 1))}
    matrix = np.zeros((len(texts), len(column)), np.float32)
    squares = np.zeros(len(texts), np.float32)
    for row, each in enumerate(texts):
        for term, count in Counter(each).items():
            value = (1 + math.log(count)) * weights[term]
            squares[row] += value * value
            if (at := column.get(term)) is not None:
                matrix[row, at] = value
    return _normal(matrix, squares)


def _letters(texts: Sequence[bytes]) -> "Matrix":
    """Cosine of TF-IDF over hashed runs of four and five letters."""
    import numpy as np

    counts = np.zeros((len(texts), _BUCKETS), np.float32)
    for row, text in enumerate(texts):
        codes = np.frombuffer(text, np.uint8).astype(np.int64)
        if len(codes) < 5:
            continue
        four = ((codes[:-3] * 257 + codes[1:-2]) * 257 + codes[2:-1]) * 257 + codes[3:]
        five = four[:-1] * 257 + codes[4:]
        counts[row] = np.bincount(np.concatenate([four % _BUCKETS, (five * 31 + 7) % _BUCKETS]), minlength=_BUCKETS)
    frequency = (counts > 0).sum(0)
    weights = np.log((1 + len(texts) + _IMAGINED) / (1 + frequency)).astype(np.float32)
    matrix = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * weights
    return _normal(matrix[:, frequency > 1], (matrix**2).sum(1))


def _normal(matrix: "Matrix", squares: "Matrix") -> "Matrix":
    import numpy as np

    scaled = matrix / np.sqrt(np.maximum(squares, 1e-9))[:, None].astype(np.float32)
    return np.asarray(scaled @ scaled.T, np.float32)


def _overlap(texts: Sequence[set[str]]) -> "tuple[Matrix, Matrix, Matrix]":
    """Weight of the shared terms: relative to the smaller text, relative to both texts together, and absolute."""
    import numpy as np

    seen = Counter(term for each in texts for term in each)
    weights = {term: _rarity(len(texts), count) for term, count in seen.items()}
    column = {term: index for index, term in enumerate(sorted(term for term, count in seen.items() if count > 1))}
    matrix = np.zeros((len(texts), len(column)), np.float32)
    total = np.zeros(len(texts), np.float32)
    for row, each in enumerate(texts):
        total[row] = math.fsum(weights[term] for term in each)
        for term in each:
            if (at := column.get(term)) is not None:
                matrix[row, at] = math.sqrt(weights[term])
    shared = matrix @ matrix.T
    np.fill_diagonal(shared, total)
    lesser = np.minimum(total[:, None], total[None, :])
    union = total[:, None] + total[None, :] - shared
    return np.asarray(shared / np.maximum(lesser, 1e-6), np.float32), np.asarray(shared / np.maximum(union, 1e-6), np.float32), shared


def _rarity(texts: int, count: int) -> float:
    return math.log((1 + texts + _IMAGINED) / (1 + count)) + 0.3
