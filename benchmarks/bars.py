"""The bars of the benchmarks: change here how a benchmark's result is judged.

A bar compares a figure with a bound and names the minimum count behind the figure: a figure over nothing never passes.
"""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.options import Options

_HOLDS = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt, "==": operator.eq}
_SMALL_FORM = "small form: the bars are for the full form, and `failed` names what even this size shows to be broken"


@dataclass(frozen=True)
class Bound:
    """A comparison with a value; `small` is the value in the small form, in which times and shares of few cases vary."""

    sign: str
    value: float
    small: float | None = None

    def holds(self, measured: float | None, *, small: bool) -> bool:
        """Whether a figure is within the bound; None, a figure that could not be measured, never is."""
        return measured is not None and bool(_HOLDS[self.sign](measured, self._at(small)))

    def words(self, *, small: bool) -> str:
        """For example `<= 0.01`."""
        return f"{self.sign} {self._at(small):g}"

    def _at(self, small: bool) -> float:
        return self.value if self.small is None or not small else self.small


def at_most(value: float, small: float | None = None) -> Bound:
    return Bound("<=", value, small)


def below(value: float, small: float | None = None) -> Bound:
    return Bound("<", value, small)


def at_least(value: float, small: float | None = None) -> Bound:
    return Bound(">=", value, small)


def above(value: float, small: float | None = None) -> Bound:
    return Bound(">", value, small)


def exactly(value: float) -> Bound:
    return Bound("==", value)


@dataclass(frozen=True)
class Count:
    """The number of cases, faults, kills or rows, and its minimum; in the small form a twentieth, unless stated otherwise.

    `asked` marks a number that the caller chooses, with --n, --kills, --commits or a data file: below the minimum, the result is then not
    a failure but too little data.
    """

    name: str
    counted: int
    least: int
    small: int | None = None
    asked: bool = False

    def needed(self, *, small: bool) -> int:
        if not small:
            return self.least
        return max(1, self.least // 20) if self.small is None else self.small

    def short(self, *, small: bool) -> bool:
        return self.counted < self.needed(small=small)


@dataclass(frozen=True)
class Bar:
    """One promise: the figure, its bound, and the counts behind it."""

    name: str
    measured: float | None
    bound: Bound
    least: Sequence[Count]

    def __post_init__(self) -> None:
        if not self.least or any(count.needed(small=small) < 1 for count in self.least for small in (True, False)):
            raise ValueError(f"the bar {self.name} must name its minimum count")


def judged(options: Options, keys: Mapping[str, object], bars: Sequence[Bar]) -> dict[str, object]:
    """The keys with `bar` (true, false, or null for a small form or too little data), `failed` and possibly `skipped`.

    `bars` holds [figure, bound] by name, `least` [count, least] by name.
    """
    if not bars:
        raise ValueError("a benchmark without a bar cannot fail")
    small = options.small
    counts = {count.name: count for bar in bars for count in bar.least}
    short = [count for count in counts.values() if count.short(small=small)]
    few = [count for count in short if count.asked and options.chosen]
    missed = [bar.name for bar in bars if not bar.bound.holds(bar.measured, small=small)]
    failed = list(dict.fromkeys([*missed, *(count.name for count in short if count not in few)]))
    result = {**keys, "failed": failed, "bars": {bar.name: [bar.measured, bar.bound.words(small=small)] for bar in bars}}
    result["least"] = {count.name: [count.counted, count.needed(small=small)] for count in counts.values()}
    if small:
        return result | {"bar": None, "skipped": _SMALL_FORM}
    if few and not failed:
        reason = ", ".join(f"{count.counted} {count.name} where {count.least} are the least" for count in few)
        return result | {"bar": None, "skipped": f"too little to judge: {reason}"}
    return result | {"bar": not failed}


def skipped(reason: str) -> dict[str, object]:
    """The result of a benchmark that has nothing to measure."""
    return {"bar": None, "failed": [], "bars": {}, "least": {}, "skipped": reason}


def broken(options: Options, error: Exception) -> dict[str, object]:
    """The result of a measurement that did not finish."""
    said = f"{type(error).__name__}: {error}"[:500]
    result: dict[str, object] = {"failed": ["completed"], "bars": {"completed": [0, "== 1"]}, "least": {}, "error": said}
    return result | ({"bar": None, "skipped": _SMALL_FORM} if options.small else {"bar": False})
