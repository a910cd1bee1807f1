"""What a repository may ask of the choice of seats in one word, and what each word means."""

from enum import IntEnum, StrEnum
from typing import Literal

from reviewers.value import Value


class Preset(StrEnum):
    FAST = "fast"
    BALANCED = "balanced"
    DEEP = "deep"
    CHEAP = "cheap"


class Level(IntEnum):
    """How much a change asks of its reviewers."""

    TRIVIAL = 0
    ORDINARY = 1
    LARGE = 2
    DEMANDING = 3


Order = Literal["wish", "quick", "cheap", "strong"]


class Style(Value):
    """How many seats sit at each level, and who comes first: as wished, the quick, the cheap or the strong."""

    seats: tuple[int, int, int, int]
    order: Order


STYLES = {
    Preset.FAST: Style(seats=(2, 2, 2, 2), order="quick"),
    Preset.BALANCED: Style(seats=(2, 3, 4, 4), order="wish"),
    Preset.DEEP: Style(seats=(3, 4, 5, 5), order="strong"),
    Preset.CHEAP: Style(seats=(2, 2, 3, 3), order="cheap"),
}
# In how many of its answers a seat may look around the repository, in each round.
LOOK_TURNS = {Preset.FAST: 0, Preset.BALANCED: 1, Preset.DEEP: 3, Preset.CHEAP: 0}
