"""Change here what is stored about a look at the repository, so that a reader of the run sees where each seat looked."""

from typing import Literal

from reviewers.values.value import FrozenValue


class LookRecord(FrozenValue):
    """One look of a seat.

    `shown` are the places that it saw, as "path:first-last"; `refused` says why it saw nothing, or "".
    """

    stage: Literal["opinion", "critique"]
    kind: str
    target: str
    shown: tuple[str, ...] = ()
    refused: str = ""
    left_out: str = ""
