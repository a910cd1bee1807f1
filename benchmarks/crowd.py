"""Opens pull requests in many small tenants for benchmarks over real processes, and reads their effects from outside."""

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
        """Open some more, each with a unique defect, and with `apart` each in a separate tenant; returns their numbers."""
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
        """The present effects on one of them."""
        return seen_from_afar(self.control.pull(tenants.name(number), self.pulls[number]))

    def all(self) -> list[Seen]:
        """The present effects on each of them."""
        return [self.look(number) for number in self.pulls]

    def settle(self, seconds: float) -> bool:
        """Wait until every one of them is finished."""
        waiting = set(self.pulls)

        def done() -> bool:
            for number in sorted(waiting):
                found = self.look(number)
                if found.published and not found.left_open:
                    waiting.discard(number)
            return not waiting

        return until(done, seconds, pause=0.5)
