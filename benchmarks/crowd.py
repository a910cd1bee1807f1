"""The pull requests of a benchmark over real processes: opened in many small tenants, and looked at from afar."""

from dataclasses import dataclass, field

from app.sandbox.control.client import Control
from benchmarks import tenants
from benchmarks.checker import Seen, seen_from_afar
from benchmarks.fleet import until


@dataclass
class Crowd:
    """What was opened so far: the benchmark's number → GitHub's."""

    control: Control
    pulls: dict[int, int] = field(default_factory=dict)

    def open(self, count: int, *, apart: bool = False) -> list[int]:
        """Open some more, each with a defect of its own, and with `apart` each in a tenant of its own; returns their numbers."""
        step = tenants.PULLS_A_TENANT if apart else 1
        first = -(-(max(self.pulls, default=-1) + 1) // step) * step
        numbers = list(range(first, first + count * step, step))
        for number in numbers:
            if number % tenants.PULLS_A_TENANT == 0:
                self.control.create_repository(tenants.name(number), tenants.BASE)
            head, branch = tenants.defect(number), f"change-{number}"
            self.pulls[number] = self.control.open_pull_request(tenants.name(number), f"Change {number}", head, branch=branch)
        return numbers

    def push(self, number: int) -> None:
        """Push another defect."""
        self.control.push(tenants.name(number), self.pulls[number], tenants.defect(number, 1))

    def look(self, number: int) -> Seen:
        """What there is on one of them now."""
        return seen_from_afar(self.control.pull(tenants.name(number), self.pulls[number]))

    def all(self) -> list[Seen]:
        """What there is on each of them now."""
        return [self.look(number) for number in self.pulls]

    def settle(self, seconds: float) -> bool:
        """Wait until every one of them is done."""
        waiting = set(self.pulls)

        def done() -> bool:
            for number in sorted(waiting):
                found = self.look(number)
                if found.published and not found.left_open:
                    waiting.discard(number)
            return not waiting

        return until(done, seconds, pause=0.5)
