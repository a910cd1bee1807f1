"""Change here what is kept of a look at the repository: a reader of the run sees where each seat looked."""

from typing import Literal

from reviewers.value import Value


class LookRecord(Value):
    """One look of a seat.

    `shown` are the places that it was shown, as "path:first-last"; `refused` says why it was shown nothing, or "".
    """

    stage: Literal["opinion", "critique"]
    kind: str
    target: str
    shown: tuple[str, ...] = ()
    refused: str = ""
    left_out: str = ""
