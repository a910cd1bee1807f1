"""The presets for the choice of seats: the words that a repository can use, and the meaning of each."""

from enum import IntEnum, StrEnum
from typing import Literal

from reviewers.values.value import FrozenValue


class Preset(StrEnum):
    FAST = "fast"
    BALANCED = "balanced"
    DEEP = "deep"
    CHEAP = "cheap"


class EffortLevel(IntEnum):
    """How demanding a change is to review."""

    TRIVIAL = 0
    ORDINARY = 1
    LARGE = 2
    DEMANDING = 3


Order = Literal["wish", "quick", "cheap", "strong"]


class Style(FrozenValue):
    """The number of seats at each level, and which come first: as configured, the fast, the cheap or the strong."""

    seats: tuple[int, int, int, int]
    order: Order


STYLES = {
    Preset.FAST: Style(seats=(2, 2, 2, 2), order="quick"),
    Preset.BALANCED: Style(seats=(2, 3, 4, 4), order="wish"),
    Preset.DEEP: Style(seats=(3, 4, 5, 5), order="strong"),
    Preset.CHEAP: Style(seats=(2, 2, 3, 3), order="cheap"),
}
# The number of answers per round in which a seat may request looks at the repository.
LOOK_TURNS = {Preset.FAST: 0, Preset.BALANCED: 1, Preset.DEEP: 3, Preset.CHEAP: 0}
