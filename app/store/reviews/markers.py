"""The hidden marker at the end of every post: it names what the post is for, so that any database finds it on GitHub."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

MOST_TRIGGERS = 20
_MARKER = re.compile(
    r"<!-- council:(?P<surface>[a-z]+) pull=(?P<number>\d{1,9}) head=(?P<head>[0-9a-f]{1,64}) for=(?P<triggers>\S{1,2000}) -->"
)
_OLD = re.compile(r"<!-- council:(?P<surface>[a-z]+) run=\S{1,100} -->")


@dataclass(frozen=True)
class ReviewMarker:
    """What a review post is for: a pull request, its head, and the triggers of the reviews that it shows."""

    surface: str
    number: int
    head_sha: str
    triggers: tuple[str, ...]

    def __str__(self) -> str:
        triggers = ",".join(self.triggers[-MOST_TRIGGERS:])
        return f"<!-- council:{self.surface} pull={self.number} head={self.head_sha} for={triggers} -->"

    def is_of(self, number: int, head_sha: str, trigger: str) -> bool:
        return self.number == number and self.head_sha == head_sha and trigger in self.triggers


def job_marker(surface: str, key: str) -> str:
    """The marker of an answer. `key` is the job's, which names the comment being answered."""
    return f"<!-- council:{surface} for={key} -->"


def read_markers(bodies: Collection[str]) -> Sequence[ReviewMarker]:
    """The review markers in texts of ours."""
    return [
        ReviewMarker(found["surface"], int(found["number"]), found["head"], tuple(found["triggers"].split(",")))
        for body in bodies
        for found in _MARKER.finditer(body)
    ]


def old_surfaces(body: str) -> frozenset[str]:
    """The surfaces of older markers, which only name a run of some database."""
    return frozenset(found["surface"] for found in _OLD.finditer(body))
